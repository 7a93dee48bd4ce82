import type { Came } from './road.ts';

/** What becomes of an alert, as the page says it. */
export const verdicts = {
  contained: 'contained',
  asked: 'asked',
  told: 'told to a person',
} as const;
export type Verdict = keyof typeof verdicts;

export type Judged = { readonly verdict: Verdict; readonly by: readonly string[]; readonly how: string };

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];
const stepsOf = (made: readonly string[]): string =>
  unique(made.map((step) => `\`${step.replace(/-\d+$/, '')}\``)).join(', ');

const good = ['contained', 'partly-contained', 'nothing-to-do'];

/** A run that told people and did nothing else, also where they have to say that they have heard. */
const tells = ({ to, made, asks }: Came): boolean => to === 'told' || (made.length === 0 && asks?.reason === 'by-hand');

/** Undefined where what became of it is none of the three: a fault of the playbook, or of the alert as it was built. */
export function verdictOn(all: readonly Came[]): Judged | undefined {
  const answers = all.filter((one) => !tells(one));
  const by = unique((answers.length > 0 ? answers : all).map(({ playbook }) => playbook)).toSorted();
  const made = stepsOf(answers.flatMap((one) => one.made));
  const asks = unique(answers.flatMap(({ asks: asked }) => asked?.step ?? []));
  if (asks.length > 0) {
    const before = made === '' ? 'before anything is changed' : `after ${made}`;
    return { verdict: 'asked', by, how: `asks about ${stepsOf(asks)} ${before}` };
  }
  const held = answers.filter(({ to }) => good.includes(to));
  if (held.length > 0 && held.length === answers.length)
    return { verdict: 'contained', by, how: made === '' ? 'nothing was left to do' : made };
  if (answers.length === 0 && all.length > 0) return { verdict: 'told', by, how: '' };
  return undefined;
}
