import { type Settings, stageMode } from '../../shared/config/settings.ts';
import { type Playbook, placedSteps } from '../../shared/model/playbook.ts';
import { checkApprovals } from '../../shared/playbook/check-approvals.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { linesOf } from './examined.ts';

type Channel = Settings['channels'][number];

const { ok, warning, missing } = linesOf('settings');

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function stageLine(settings: Settings): Examined {
  const { stage } = settings;
  const accounts = Object.keys(settings.aws.accounts).length;
  const subscriptions = settings.azure.subscriptions.length;
  const reach = `${plural(accounts, 'AWS account')}, ${plural(subscriptions, 'Azure subscription')}`;
  if (accounts + subscriptions === 0)
    return missing(
      `stage ${stage} reaches no account and no subscription`,
      'List them under aws.accounts and azure.subscriptions.',
    );
  const may = stageMode(settings) === 'enforce' ? 'may change things' : 'plans only, changes nothing';
  return ok(`stage ${stage} ${may}: ${reach}`);
}

/** A stage that changes things and cannot be let in again by anybody must not be run: see also the log of each start. */
function breakGlassLine(settings: Settings): Examined {
  const count = settings.protectedPrincipals.length;
  if (count > 0) return ok(`${plural(count, 'principal')} never contained (protectedPrincipals)`);
  const what = 'no break-glass principal is protected: Cordon could contain the last way in';
  const remedy = 'Name at least one emergency account under protectedPrincipals.';
  return stageMode(settings) === 'enforce' ? missing(what, remedy) : warning(what, remedy);
}

/** Without them Cordon cannot tell its own changes and its own roles from others'. */
function* ownLines({ aws, azure }: Settings): Generator<Examined> {
  if (Object.keys(aws.accounts).length > 0 && aws.homePrincipals.length === 0)
    yield warning(
      'the roles that Cordon runs as are not named: nothing but the names of its member roles protects it from itself',
      'Name the roles of its functions under aws.homePrincipals.',
    );
  if (Object.keys(aws.accounts).length > 0 && aws.regions.length === 0)
    yield warning(
      'aws.regions is empty: findings are compared with those that arrived, and sources are examined, in the home region alone',
      'List the regions whose findings are to arrive under aws.regions.',
    );
  if (azure.subscriptions.length > 0 && azure.tenant === undefined)
    yield missing('there are subscriptions and no tenant', 'Set azure.tenant.');
  if (azure.subscriptions.length > 0 && azure.identities.length === 0)
    yield warning(
      'the identities that Cordon runs as are not named: its own changes come back as events of strangers',
      "Put the object ids of Cordon's managed identities under azure.identities.",
    );
}

/** Whether a channel takes pages of a kind by its own route, whatever their severity. */
const takes = ({ kinds, severity }: Channel, kind: 'approval-asked' | 'containment-broken'): boolean =>
  (kinds?.includes(kind) ?? true) && severity === undefined;

/** Whether people can be asked, and whether something can wake them. A page that no route takes goes to every channel. */
function* channelLines(settings: Settings, playbooks: readonly Playbook[]): Generator<Examined> {
  const { channels } = settings;
  const say = stageMode(settings) === 'enforce' ? missing : warning;
  const asking = playbooks.filter((one) => placedSteps(one).some(({ step }) => step.approve !== undefined)).length;
  if (channels.length === 0 && asking > 0)
    yield say(
      `${plural(asking, 'playbook')} ask people, and there is no channel to ask through`,
      'Add one under channels.',
    );
  if (channels.length === 0)
    return yield say(
      'no channel can wake somebody up when a containment is broken or a breaker opens',
      'Add one under channels, best one with pageOnly that pages.',
    );
  for (const [kind, what] of [
    ['approval-asked', 'questions go to'],
    ['containment-broken', 'broken containments are paged to'],
  ] as const) {
    const names = channels.filter((one) => takes(one, kind)).map(({ name }) => name);
    if (names.length > 0) yield ok(`${what} ${names.join(', ')}`);
    else
      yield warning(
        `${what} nobody by a route of their own: they go to every channel`,
        `Let one channel take ${kind} at every severity.`,
      );
  }
}

/** Whether those whom playbooks ask exist, and are enough; one line for each thing that is wrong, however many ask for it. */
function* approverLines(settings: Settings, playbooks: readonly Playbook[]): Generator<Examined> {
  const wrong = new Map<string, Set<string>>();
  for (const playbook of playbooks) {
    const { problems, warnings } = checkApprovals(playbook, settings);
    for (const { message } of [...problems, ...warnings])
      wrong.set(message, (wrong.get(message) ?? new Set()).add(playbook.id));
  }
  for (const [message, ids] of wrong)
    yield missing(
      `${message}: asked by ${[...ids].join(', ')}`,
      'Give somebody under people that group and the role approver.',
    );
  if (wrong.size === 0) yield ok(`everyone whom ${plural(playbooks.length, 'playbook')} ask is among the people`);
}

/** What the settings say, and whether it can work together. Pure. */
export const examineSettings = (settings: Settings, playbooks: readonly Playbook[]): readonly Examined[] => [
  stageLine(settings),
  breakGlassLine(settings),
  ...ownLines(settings),
  ...channelLines(settings, playbooks),
  ...approverLines(settings, playbooks),
];
