import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { isPortable, tellPerson } from '../action/portable.ts';
import type { Containment } from '../model/containment.ts';
import { type Provider, providers } from '../model/finding.ts';
import { isObject, type Json, own } from '../model/json.ts';
import { type Playbook, placedSteps, type Step } from '../model/playbook.ts';
import { onlyTells } from './only-tells.ts';
import { Target, type TargetType } from '../model/target.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import type { Grant, Need, Reads } from '../policy/grants.ts';

type Cloud = 'aws' | 'azure';

/** What the two sessions of one cloud need. */
export type Needs = { readonly reader: readonly Need[]; readonly writer: readonly Need[] };
export type RightsNeeded = { readonly [C in Cloud]: Needs } & {
  /** Actions of open containments that this version does not have: nobody can grant what takes them back. */
  readonly unknown: readonly string[];
};

/** What rights are declared where. */
export type Declared = {
  readonly catalogue: Catalogue;
  readonly reads: { readonly [C in Cloud]: Reads };
  /** What telling a finding's own system takes, by cloud; empty where nothing is written back. */
  readonly writeBack: { readonly [C in Cloud]: readonly Grant[] };
  /** What comparing the providers' findings with those that arrived takes, where that is meant to work. */
  readonly reconcile?: { readonly [C in Cloud]: readonly Grant[] };
  /** What checking a deployment takes, where that is meant to work. */
  readonly checks?: { readonly [C in Cloud]: { readonly read: readonly Grant[]; readonly write: readonly Grant[] } };
};

/** What rights are wanted for. */
export type WantedFor = {
  readonly playbooks: readonly Playbook[];
  /** Open ones: they are watched and taken back even when their playbook is gone. */
  readonly containments?: readonly Pick<Containment, 'action'>[];
};

const targetTypes = Target.options.map((option) => option.shape.type.value);
const clouds = ['aws', 'azure'] as const;
/** Types of no one cloud. */
const ofAnyCloud: readonly TargetType[] = ['network.address', 'other'];
const cloudsOf = (type: TargetType): readonly Cloud[] =>
  ofAnyCloud.includes(type) ? clouds : clouds.filter((cloud) => type.startsWith(`${cloud}.`));

/** Whether a pattern leaves a value possible for the field at a path, whatever it says of other fields. */
function leavesOpen(pattern: Json, path: readonly string[], value: string): boolean {
  if (Array.isArray(pattern)) return path.length > 0 || matches(parsePattern({ field: pattern }), { field: value });
  if (!isObject(pattern)) return true;
  const { $or: either } = pattern;
  const [name = '', ...rest] = path;
  const member = own(pattern, name) as Json | undefined; // a member of what was JSON
  return (
    (member === undefined || leavesOpen(member, rest, value)) &&
    (!Array.isArray(either) || either.some((one: Json) => leavesOpen(one, path, value)))
  );
}

const typesIn = ({ targets }: Playbook): readonly TargetType[] =>
  targetTypes.filter((type) => leavesOpen(targets, ['type'], type));

/** Providers of the clouds that the targets are of. What only a `channel` vouches for is not in `confirm`. */
const providersIn = ({ on }: Playbook): readonly Provider[] =>
  providers.filter((provider) => leavesOpen(on, ['finding', 'provider'], provider));

/** The actions that a step may come down to. */
function idsOf(catalogue: Catalogue, step: Step, types: readonly TargetType[]): readonly string[] {
  if (step.action === tellPerson) return [];
  if (!isPortable(step.action)) return [step.action];
  // a portable step on the run's own target meets its types only
  const own = step.with['target'] === '${target}';
  return Object.entries(catalogue).flatMap(([id, { portable }]) =>
    portable?.verb === step.action && (!own || types.includes(portable.target)) ? [id] : [],
  );
}

/** The principals that guards look at where a step names one: see `principalIn`. */
const principals: readonly TargetType[] = [
  'aws.iam.access-key',
  'aws.iam.user',
  'aws.iam.role-session',
  'azure.entra.user',
];

const needs = (purpose: string, grants: readonly Grant[] = []): readonly Need[] =>
  grants.map((grant) => ({ purpose, grant }));

/** Providers that are told what became of their finding: see `progressOf`. */
const told: readonly Provider[] = ['guardduty', 'security-hub', 'security-hub-action', 'defender'];

type Used = {
  readonly actions: ReadonlyMap<string, Action>;
  readonly types: ReadonlySet<string>;
  readonly providers: ReadonlySet<string>;
};

function neededIn(cloud: Cloud, { reads, writeBack, checks, reconcile }: Declared, used: Used): Needs {
  const actions = [...used.actions.values()].filter((action) => action.cloud === cloud);
  const { inspect, confirm } = reads[cloud];
  const inspected = [...used.types, ...actions.flatMap(({ target }) => (principals.includes(target) ? [target] : []))];
  const tells = told.some((provider) => used.providers.has(provider) && Object.hasOwn(confirm, confirmedAs(provider)));
  return {
    reader: [
      ...actions.flatMap(({ id, permissions }) => needs(id, permissions.read)),
      ...[...new Set(inspected)].flatMap((type) => needs(`inspect ${type}`, inspect[type])),
      ...[...used.providers].flatMap((provider) => needs(`confirm ${provider}`, confirm[provider])),
      ...needs('reconcile', reconcile?.[cloud]),
      ...needs('doctor', checks?.[cloud].read),
    ],
    writer: [
      ...actions.flatMap(({ id, permissions }) => needs(id, permissions.write)),
      ...(tells ? needs('write back', writeBack[cloud]) : []),
      ...needs('doctor', checks?.[cloud].write),
    ],
  };
}

/** A custom action of Security Hub is told where Security Hub's own findings are. */
const confirmedAs = (provider: Provider): string => (provider === 'security-hub-action' ? 'security-hub' : provider);

const neededBy = (declared: Declared, used: Used): Pick<RightsNeeded, Cloud> => ({
  aws: neededIn('aws', declared, used),
  azure: neededIn('azure', declared, used),
});

const loaded = async (catalogue: Catalogue, ids: Iterable<string>): Promise<ReadonlyMap<string, Action>> =>
  new Map(
    await Promise.all(
      Object.entries(catalogue)
        .filter(([id]) => [...ids].includes(id))
        .map(async ([id, entry]) => [id, await entry.load()] as const),
    ),
  );

/** The rights of everything there is: every action, type of target and provider. */
export async function allRights(declared: Declared): Promise<RightsNeeded> {
  const actions = await loaded(declared.catalogue, Object.keys(declared.catalogue));
  const used: Used = { actions, types: new Set(targetTypes), providers: new Set(providers) };
  return { ...neededBy(declared, used), unknown: [] };
}

/** The rights that playbooks and open containments need, of both clouds, reader and writer apart. */
export async function rightsNeeded(
  declared: Declared,
  { playbooks, containments = [] }: WantedFor,
): Promise<RightsNeeded> {
  const { catalogue, reads } = declared;
  const ids = new Set<string>();
  const types = new Set<string>();
  const possible = new Set<string>();
  for (const playbook of playbooks) {
    const mine = onlyTells(playbook) ? [] : typesIn(playbook);
    const places = new Set(mine.flatMap(cloudsOf));
    const elsewhere = clouds.filter((cloud) => !places.has(cloud));
    for (const type of mine) types.add(type);
    for (const provider of providersIn(playbook))
      if (!elsewhere.some((cloud) => Object.hasOwn(reads[cloud].confirm, provider))) possible.add(provider);
    for (const { step } of placedSteps(playbook)) for (const id of idsOf(catalogue, step, mine)) ids.add(id);
  }
  const held = new Set(containments.map(({ action }) => action));
  const actions = await loaded(catalogue, new Set([...ids, ...held]));
  return {
    ...neededBy(declared, { actions, types, providers: possible }),
    unknown: [...held].filter((id) => !Object.hasOwn(catalogue, id)).sort(),
  };
}
