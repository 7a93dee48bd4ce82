import { canonical, type Json } from '../model/json.ts';
import type { Change, Plan, StepPlan } from '../model/plan.ts';
import { reasons } from '../model/reason.ts';
import { bold, cyan, dim, green, inert, red, yellow } from './style.ts';

const short = 64;
const mostLeaves = 12;

/** Names that stand for what is only known at apply. */
const names: Readonly<Record<string, string>> = {
  '{startedAt}': '<start of the run>',
  '{runId}': '<run id>',
  '{key}': '<run id and step>',
};
const named = (text: string): string =>
  Object.entries(names).reduce((all, [sign, words]) => all.replaceAll(sign, words), text);

/** A value as one word: text as it is, the rest as canonical JSON, nothing as `absent`. */
export const valueText = (value: Json): string => {
  if (value === null) return 'absent';
  if (typeof value === 'string' && value.startsWith('/subscriptions/')) return resourceText(value);
  return named(inert(typeof value === 'string' ? value : canonical(value).replaceAll('"', '')));
};

/** The last two parts of a long resource name, which tell it apart. */
export function resourceText(resource: string): string {
  const parts = resource.split('/').filter(Boolean);
  return named(inert(resource.length <= short ? resource : `…/${parts.slice(-2).join('/')}`));
}

/** Every scalar inside a value by its path; lists of scalars count as one. */
function leavesOf(value: Json, path = ''): readonly (readonly [path: string, text: string])[] {
  const plain = typeof value !== 'object' || value === null;
  if (plain || (Array.isArray(value) && value.every((item) => typeof item !== 'object')))
    return [[path, valueText(value)]];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, path === '' ? key : `${path}.${key}`));
}

const arrow = (before: string | undefined, after: string | undefined): string => {
  if (before === undefined) return green(after ?? '');
  return after === undefined ? red(before) : `${red(before)} ${dim('→')} ${green(after)}`;
};

/** What differs between two large values, leaf by leaf. */
function leafLines(from: Json, to: Json, indent: string): string[] {
  const [before, after] = [new Map(from === null ? [] : leavesOf(from)), new Map(to === null ? [] : leavesOf(to))];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  const shown = paths.slice(0, mostLeaves).map((path) => {
    const sign = before.has(path) ? (after.has(path) ? yellow('~') : red('-')) : green('+');
    return `${indent}${sign} ${dim(inert(path))}  ${arrow(before.get(path), after.get(path))}`;
  });
  return paths.length > mostLeaves ? [...shown, `${indent}${dim(`and ${paths.length - mostLeaves} more`)}`] : shown;
}

/** One line of a plan as a diff. */
export function changeLines({ resource, from, to, through }: Change, indent: string): string[] {
  const name = cyan(resourceText(resource));
  const sign = from === null ? green('+') : to === null ? red('-') : yellow('~');
  const passing = through ? [`${indent}    ${yellow(`! on the way: ${inert(through.means.replace(/\.$/, ''))}`)}`] : [];
  const [before, after] = [valueText(from), valueText(to)];
  if (before.length + after.length <= short)
    return [`${indent}${sign} ${name}  ${red(before)} ${dim('→')} ${green(after)}`, ...passing];
  return [`${indent}${sign} ${name}`, ...leafLines(from, to, `${indent}    `), ...passing];
}

const marks = { allow: green('✓'), ask: yellow('?'), deny: red('✗') } as const;

/** One step: what it changes, what it does not cover, what the guardrails say. */
export function stepLines(step: StepPlan, at: number, mostNotes = Number.POSITIVE_INFINITY): string[] {
  const { decision, reason, detail, changes, cautions, title, action, id } = step;
  const head = `  ${marks[decision]} ${bold(`${at + 1}. ${inert(id)}`)}  ${inert(title)}  ${dim(inert(action))}`;
  const why =
    reason === 'allowed'
      ? []
      : [
          `      ${decision === 'deny' ? red(reason) : yellow(reason)}: ${reasons[reason]}${detail ? ` ${dim(`(${inert(detail)})`)}` : ''}`,
        ];
  const nothing = changes.length === 0 && decision !== 'deny' ? [`      ${dim('nothing to change')}`] : [];
  const notes =
    changes.length > 0 ? cautions.slice(0, mostNotes).map((caution) => `      ${dim(`note: ${inert(caution)}`)}`) : [];
  return [head, ...why, ...changes.flatMap((change) => changeLines(change, '      ')), ...nothing, ...notes];
}

/** A plan as people read it, with the digest that an approval names. */
export const planLines = (plan: Plan, mostNotes?: number): string[] => [
  `${bold('Plan')} ${dim('sha256')} ${plan.digest.slice(0, 16)}  ${dim(`playbook ${inert(plan.playbook)}, target`)} ${inert(resourceText(plan.target))}`,
  ...plan.steps.flatMap((step, at) => stepLines(step, at, mostNotes)),
];
