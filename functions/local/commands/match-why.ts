import { dim, green, inert, wrap, yellow } from '../../../shared/cli/style.ts';
import type { Json } from '../../../shared/model/json.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { type Decision, type Explanation, explain } from '../../../shared/pattern/explain.ts';
import { compilePlaybook } from '../../../shared/playbook/compiled.ts';

/** Why one playbook would start for an event, or not. */
export type Why = { readonly playbook: string; readonly explanation: Explanation };

/** Matched ones first, then those that missed by the fewest fields. */
const distance = ({ explanation: { matched, apart, fields } }: Why): number =>
  matched ? -1 : apart ? 0 : fields.length;

/** For each playbook which fields decided. Throws `InvalidInput` when the arrays of the event cannot be searched. */
export const whyOf = (playbooks: readonly Playbook[], seen: Json): readonly Why[] =>
  playbooks
    .map((playbook) => ({ playbook: playbook.id, explanation: explain(compilePlaybook(playbook).trigger, seen) }))
    .sort((a, b) => distance(a) - distance(b));

/** Fields that tell most about a miss, before any other. */
const telling = ['finding.provider', 'finding.type'];
const mostMissed = 2;

const byTelling = (a: Decision, b: Decision): number => {
  const place = ({ path }: Decision) => (telling.indexOf(path) + telling.length + 1) % (telling.length + 1);
  return place(a) - place(b);
};

function reasonLines({ matched, apart, fields }: Explanation): readonly string[] {
  const texts = (some: readonly Decision[]) => some.map(({ text }) => text);
  if (matched) return texts(fields);
  if (apart) return ['each of these holds, but never in the same element of an array:', ...texts(fields)];
  const ordered = fields.toSorted(byTelling);
  const rest = ordered.slice(mostMissed).map(({ path }) => path);
  return [
    ...texts(ordered.slice(0, mostMissed)),
    ...(rest.length > 0 ? [`and ${rest.length} more: ${rest.slice(0, 6).join(', ')}`] : []),
  ];
}

const indent = ' '.repeat(13);

/** The same for people: one field a line, with the value seen. */
export const whyLines = (why: readonly Why[]): string[] =>
  why.flatMap(({ playbook, explanation }) => {
    const head = explanation.matched ? green('matched') : explanation.apart ? yellow('apart  ') : dim('missed ');
    const lines = reasonLines(explanation).flatMap((line) =>
      wrap(inert(line)).map((part, at) => `${indent}${at === 0 ? '' : '  '}${part}`),
    );
    return [`    ${head}  ${playbook}`, ...lines.map((line) => dim(line))];
  });
