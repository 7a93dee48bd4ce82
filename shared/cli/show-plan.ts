import { canonical, type Json } from '../model/json.ts';
import type { Change, Plan, StepPlan } from '../model/plan.ts';
import { reasons } from '../model/reason.ts';
import { bold, cyan, dim, green, inert, red, yellow } from './style.ts';

const short = 64;

/** A value as one word: text as it is, the rest as canonical JSON, nothing as `absent`. */
export const valueText = (value: Json): string => {
  if (value === null) return 'absent';
  return inert(typeof value === 'string' ? value : canonical(value).replaceAll('"', ''));
};

/** The last two parts of a long resource name, which tell it apart. */
export function resourceText(resource: string): string {
  const parts = resource.split('/').filter(Boolean);
  return inert(resource.length <= short ? resource : `…/${parts.slice(-2).join('/')}`);
}

/** One line of a plan as a diff. */
export function changeLines({ resource, from, to, through }: Change, indent: string): string[] {
  const name = cyan(resourceText(resource));
  const [before, after] = [valueText(from), valueText(to)];
  const passing = through ? [`${indent}  ${yellow(`! ${through.means}, on the way`)}`] : [];
  if (before.length + after.length <= short) {
    const sign = from === null ? green('+') : to === null ? red('-') : yellow('~');
    return [`${indent}${sign} ${name}  ${red(before)} ${dim('→')} ${green(after)}`, ...passing];
  }
  return [
    `${indent}${yellow('~')} ${name}`,
    `${indent}    ${red(`- ${before}`)}`,
    `${indent}    ${green(`+ ${after}`)}`,
    ...passing,
  ];
}

const marks = { allow: green('✓'), ask: yellow('?'), deny: red('✗') } as const;

/** One step: what it changes, what it does not cover, what the guardrails say. */
export function stepLines(step: StepPlan, at: number): string[] {
  const { decision, reason, detail, changes, cautions, title, action, id } = step;
  const head = `  ${marks[decision]} ${bold(`${at + 1}. ${id}`)}  ${title}  ${dim(action)}`;
  const why =
    reason === 'allowed'
      ? []
      : [
          `      ${decision === 'deny' ? red(reason) : yellow(reason)}: ${reasons[reason]}${detail ? ` ${dim(`(${inert(detail)})`)}` : ''}`,
        ];
  const nothing = changes.length === 0 && decision !== 'deny' ? [`      ${dim('nothing to change')}`] : [];
  const notes = changes.length > 0 ? cautions.map((caution) => `      ${dim(`note: ${caution}`)}`) : [];
  return [head, ...why, ...changes.flatMap((change) => changeLines(change, '      ')), ...nothing, ...notes];
}

/** A plan as people read it, with the digest that an approval names. */
export const planLines = (plan: Plan): string[] => [
  `${bold('Plan')} ${dim('sha256')} ${plan.digest.slice(0, 16)}  ${dim(`playbook ${plan.playbook}, target`)} ${inert(resourceText(plan.target))}`,
  ...plan.steps.flatMap(stepLines),
];
