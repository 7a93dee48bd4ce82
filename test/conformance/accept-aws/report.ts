import { type Difference, explanation, type Known } from './compare.ts';

/** One line of the table: what was looked at, and what came of it. */
export type Row = {
  readonly subject: string;
  readonly verdict: 'same' | 'known' | 'DIFFERS';
  readonly notes: readonly string[];
};

/** One check with its rows; `summary` stands for the rows where nothing differs, when it is given. */
export type Section = { readonly title: string; readonly rows: readonly Row[]; readonly summary?: string };

/** Judges what was found on one subject. */
export function rowOf(subject: string, found: readonly Difference[], known: readonly Known[]): Row {
  const explained = found.map((difference) => ({ difference, why: explanation(known, difference)?.why }));
  const reasons = new Set(explained.flatMap(({ why = [] }) => why));
  const open = explained.filter(({ why }) => why === undefined);
  const notes = open.map(({ difference: { at, moto, sandbox } }) => `${at}: moto ${moto}, sandbox ${sandbox}`);
  const verdict = open.length > 0 ? 'DIFFERS' : reasons.size > 0 ? 'known' : 'same';
  return { subject, verdict, notes: [...notes, ...reasons] };
}

/** A row for what is simply right or wrong. */
export const plainRow = (subject: string, problems: readonly string[]): Row => ({
  subject,
  verdict: problems.length > 0 ? 'DIFFERS' : 'same',
  notes: problems,
});

const clipped = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text);

/** The table of one check. */
export function tableOf({ title, rows, summary }: Section): readonly string[] {
  const shown = rows.filter(({ verdict }) => summary === undefined || verdict !== 'same');
  const lines = shown.flatMap(({ subject, verdict, notes }) => {
    const [first, ...more] = notes.map(clipped);
    return [
      `  ${verdict.padEnd(8)}${subject}${first === undefined ? '' : `: ${first}`}`,
      ...more.map((note) => `          ${note}`),
    ];
  });
  return [title, ...(summary === undefined ? [] : [`  same    ${summary}`]), ...lines, ''];
}

/** Known differences that did not show: time to strike them from the table. */
export const outdated = (known: readonly Known[], found: readonly Difference[]): readonly Known[] =>
  known.filter((one) => !found.some((difference) => explanation([one], difference)));
