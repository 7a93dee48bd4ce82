import { own } from '../model/json.ts';
import type { StepPlan } from '../model/plan.ts';
import { reasons } from '../model/reason.ts';
import { outcomes } from '../model/outcome.ts';
import type { Entry } from '../records/journal.ts';
import type { Story } from '../run/story.ts';
import { changeLines, resourceText } from './show-plan.ts';
import { outcomeText } from './show-run.ts';
import { bold, cyan, dim, green, inert, red, rule, yellow } from './style.ts';

const time = (instant: string): string => dim(instant.replace('T', ' ').replace(/\.\d+Z$/, 'Z'));
const line = (at: string, text: string): string => `  ${time(at)}  ${text}`;
const more = (text: string): string => `  ${' '.repeat(20)}  ${text}`;

function found({ state: { order } }: Story): string[] {
  const { finding, target, requester } = order;
  const times = finding.count > 1 ? `, seen ${finding.count} times` : '';
  const who = requester.kind === 'person' ? `${inert(requester.id)} asked for it.` : 'Its event opened the run.';
  return [
    line(finding.createdAt, `${inert(finding.provider)} reported ${bold(inert(finding.title))}`),
    more(`${inert(finding.type)}, severity ${finding.severity} (${inert(String(finding.severityOriginal))})${times}`),
    more(
      `on ${inert(target.type)} ${cyan(inert(resourceText(target.id)))} in ${finding.cloud} ${inert(finding.account)} ${inert(finding.region)}`,
    ),
    more(`finding ${dim(inert(finding.id))}`),
    line(
      order.openedAt,
      `${who} Mode ${bold(order.mode)}${order.modeReason === 'allowed' ? '' : `: ${reasons[order.modeReason]}`}`,
    ),
  ];
}

function matched({ state: { order }, playbook, why }: Story): string[] {
  const head = `Playbook ${bold(order.playbook)}${playbook ? `: ${inert(playbook.title)}` : ''}  ${dim(order.playbookHash.slice(0, 16))}`;
  if (order.kind === 'release') return [more(head), more(`This run takes ${order.releases} back.`)];
  return [more(head), more(`It matched because ${inert(why)}.`)];
}

const verbs = { allow: green('allowed'), ask: yellow('asks a person'), deny: red('denied') } as const;

const decision = ({ id, action, decision: what, reason, detail }: StepPlan): string => {
  const why = reason === 'allowed' ? '' : `: ${reasons[reason]}${detail ? ` (${inert(detail)})` : ''}`;
  return more(`${verbs[what]} ${bold(inert(id))} ${dim(action)}${why}`);
};

const planned = ({ plans }: Story): string[] =>
  plans.flatMap(({ at, plan }, round) => [
    line(at, `${round === 0 ? 'Plan' : 'New plan, because the resource had changed,'} ${dim(`sha256 ${plan.digest}`)}`),
    ...plan.steps.flatMap((step) => [
      decision(step),
      ...step.changes.flatMap((change) => changeLines(change, more('  '))),
    ]),
  ]);

const votes = ({ approvals }: Story): string[] =>
  approvals.flatMap((approval) => {
    const asked = line(
      approval.askedAt,
      `Asked ${approval.by.map(inert).join(', ')} about ${bold(inert(approval.step))}, until ${approval.deadline}: ${reasons[approval.reason]}`,
    );
    const given = approval.votes.map(({ at, person, verdict, note, channel }) =>
      line(
        at,
        `${bold(inert(person))} ${verdict === 'approved' ? green(verdict) : red(verdict)} it by ${inert(channel)}${note ? `: ${inert(note)}` : ''}`,
      ),
    );
    const open = approval.answer ? [] : [more(yellow('nobody has decided it'))];
    return [asked, ...given, ...open];
  });

function replyLine(at: string, key: string, reply: unknown): string[] {
  const failed = own(reply, 'ok') === false ? inert(String(own(own(reply, 'fault'), 'message'))) : undefined;
  const step = bold(inert(key.split('#')[0] ?? ''));
  const value = own(reply, 'value');
  if (key === 'confirm')
    return [
      line(
        at,
        failed === undefined
          ? `The provider was asked again: it is ${value === 'same' ? 'the same finding' : inert(String(value))}.`
          : red(failed),
      ),
    ];
  if (/\/(verify-\d+|probe)$/.test(key)) {
    const proven = own(value, 'open') === 0 && own(value, 'proven') === true;
    const open = `${String(own(value, 'open'))} of its changes do not show`;
    return [line(at, `${step} read again: ${failed ?? (proven ? green('every change shows') : yellow(open))}`)];
  }
  return failed === undefined ? [] : [line(at, `${step} ${red('failed')}: ${failed}`)];
}

function entryLines(at: string, entry: Entry): string[] {
  switch (entry.type) {
    case 'intent':
      return [line(at, `${bold(inert(entry.step))} wrote down what is there and what it is about to change`)];
    case 'call': {
      const how =
        entry.error === undefined ? green(String(entry.status)) : red(`${entry.status} ${inert(entry.error)}`);
      return [line(at, `${inert(entry.operation)} ${how}  ${dim(`request ${inert(entry.requestId) || 'unknown'}`)}`)];
    }
    case 'applied':
      return [
        line(at, `${bold(inert(entry.step))} made:`),
        ...entry.changes.flatMap((change) => changeLines(change, more('  '))),
      ];
    case 'decision':
      return [line(at, `${bold(inert(entry.step))} ${reasons[entry.reason]} ${inert(entry.detail)}`)];
    case 'approval':
      return [line(at, `${bold(inert(entry.step))} was ${entry.verdict} by ${inert(entry.person)}`)];
    case 'reply':
      return replyLine(at, entry.key, entry.reply);
    case 'opened':
      return [];
  }
}

const done = ({ journal }: Story): string[] =>
  journal.flatMap(({ at, entries }) => entries.flatMap((entry) => entryLines(at, entry)));

function ended({ state }: Story): string[] {
  const { result, endedAt, status, waitsFor, dueAt } = state;
  if (!result)
    return [
      more(`${yellow(status)}: waits for ${inert(waitsFor ?? 'its time')}, until ${dueAt ?? 'somebody answers'}`),
    ];
  const why = result.reason === 'allowed' ? outcomes[result.outcome] : reasons[result.reason];
  return [
    line(
      endedAt ?? '',
      `${outcomeText(result.outcome)}  ${why}${result.detail ? ` ${dim(inert(result.detail))}` : ''}`,
    ),
    ...result.steps.map((step) =>
      more(
        `${outcomeText(step.outcome)} ${inert(step.id)}${step.reason === 'allowed' ? '' : `: ${reasons[step.reason]}`}${step.detail ? ` ${dim(inert(step.detail))}` : ''}`,
      ),
    ),
    ...result.steps.flatMap(({ moved }) =>
      moved.flatMap((change) => changeLines(change, more('somebody else’s, kept: '))),
    ),
  ];
}

function back({ state: { order }, held, releases }: Story): string[] {
  const earlier = releases.map(({ order: { id, openedAt, requester }, status, result }) =>
    line(
      openedAt,
      `${inert(requester.id)} took it back in run ${id}: ${result ? outcomeText(result.outcome) : yellow(status)}`,
    ),
  );
  if (order.kind === 'release') return [];
  const holds = held.map(({ action, targetName, since, reviewAt }) =>
    line(since, `${red('cut off now')} ${inert(targetName)} ${dim(action)}, to be reviewed ${reviewAt}`),
  );
  const way =
    held.length > 0 ? [more(`Look with ${cyan(`cordon release ${order.id}`)}, take it back with --enforce.`)] : [];
  return [...earlier, ...holds, ...way];
}

/** The whole story of a run, in the order in which it happened. */
export function storyLines(story: Story): string[] {
  const { order } = story.state;
  const chapters: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Found', found(story)],
    ['Why this playbook', matched(story)],
    ['Planned', planned(story)],
    ['Asked', votes(story)],
    ['Done', done(story)],
    ['Outcome', ended(story)],
    ['Taken back', back(story)],
  ];
  const last = story.journal.at(-1);
  return [
    `${bold('Run')} ${order.id}  ${order.kind}`,
    ...chapters.flatMap(([title, lines]) => (lines.length > 0 ? ['', rule(title), ...lines] : [])),
    '',
    dim(
      `${story.journal.length} records, the last hash is ${last?.hash ?? 'none'}; prove them with cordon audit verify ${order.id}`,
    ),
  ];
}
