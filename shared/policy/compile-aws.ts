import type { Conditions } from './conditions.ts';
import { type Right, rightsOf, type Values } from './covering.ts';
import { denialsFor } from './denials.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { type Need, statementsAllowing } from './grants.ts';
import { splitPolicies } from './split.ts';

/** Where policies are for. What is not known stays `{partition}` and `{account}` for whoever deploys them. */
export type AwsPlace = {
  readonly partition: string;
  readonly account: string;
  /** None: any region. */
  readonly regions: readonly string[];
  /** Further placeholders of the actions that the settings know: `homeAccount`, `quarantineBucket`. */
  readonly values: Values;
  readonly readerRole: string;
  readonly writerRole: string;
  readonly homePrincipals: readonly string[];
};

/** A resource that is not named to the end, why, and the statements that have it. */
export type Wildcard = { readonly on: string; readonly why: string; readonly sids: readonly string[] };

/** The policies of one role. */
export type AwsPolicies = {
  readonly documents: readonly PolicyDocument[];
  /** What each statement is for, by its Sid. */
  readonly purposes: Readonly<Record<string, readonly string[]>>;
  readonly wildcards: readonly Wildcard[];
};

/** Only sessions that a run has opened: they are named `cordon-` and the run's id. */
const ofRuns: Conditions = { StringLike: { 'aws:userid': ['*:cordon-*'] } };

/** Services of no region: their calls all count as of us-east-1. */
const ofNoRegion = ['iam'];

/** What names no resource holds in sessions of runs only, and in the regions that are known. */
function bounded(right: Right, regions: readonly string[]): Right {
  if (right.resource !== '*') return right;
  const [service = ''] = right.action.split(':');
  const inRegions = regions.length > 0 && !ofNoRegion.includes(service);
  const when = {
    ...right.when,
    ...ofRuns,
    ...(inRegions && { StringEquals: { 'aws:RequestedRegion': [...regions].sort() } }),
  };
  return { ...right, when };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const spelt = (purpose: string): string =>
  purpose
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== 'aws')
    .map(capital)
    .join('');

/** A name for a statement out of what it is for; where that is too much, out of its service. */
const sidOf = (purposes: readonly string[], rights: readonly Right[]): string =>
  purposes.length <= 2
    ? purposes.map(spelt).join('And')
    : `Shared${[...new Set(rights.map(serviceOf))].sort().join('')}`;

type Named = { readonly statement: Statement & { readonly Sid: string }; readonly purposes: readonly string[] };

const serviceOf = ({ action }: Right): string => capital(action.split(':')[0] ?? '');

/** Where no resource is named, what it is for says nothing of how wide it is: one name for each service. */
const groupOf = (right: Right): string =>
  right.resource === '*' ? `${serviceOf(right)}OnAny` : `\n${right.purposes.join('\n')}`;

/** Statements for each set of purposes, under names of their own. */
function named(rights: readonly Right[]): readonly Named[] {
  const groups = Map.groupBy(rights, groupOf);
  const used = new Map<string, number>();
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, group]) => {
      const purposes = [...new Set(group.flatMap((right) => right.purposes))].sort();
      return statementsAllowing(group).map((statement): Named => {
        const sid = key.startsWith('\n') ? sidOf(purposes, group) : key;
        const count = (used.get(sid) ?? 0) + 1;
        used.set(sid, count);
        return { statement: { Sid: count === 1 ? sid : `${sid}${count}`, ...statement }, purposes };
      });
    });
}

const whyWide = (resource: string): string => {
  if (resource === '*') return 'AWS bounds these calls to no resource; they hold in sessions of runs alone';
  const [, , , , , ...named] = resource.split(':');
  return named.join(':').includes('*')
    ? 'which one is known only when a finding comes'
    : 'any region; name those in use with --region';
};

/** What stands open in a few lines: the same resource once, whatever statements have it. */
function wildcardsOf(statements: readonly Named[]): readonly Wildcard[] {
  const wide = statements.flatMap(({ statement: { Sid, Resource = [], Action = [] } }) =>
    Resource.filter((one) => one.includes('*')).map((on) => ({
      on: on === '*' ? `${Action[0]?.split(':')[0]} *` : on,
      why: whyWide(on),
      sid: Sid,
    })),
  );
  return [...Map.groupBy(wide, ({ on }) => on)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([on, group]) => ({ on, why: group[0]?.why ?? '', sids: group.map(({ sid }) => sid) }));
}

function policiesOf(rights: readonly Right[], denials: readonly Statement[]): AwsPolicies {
  const statements = named(rights);
  return {
    documents: splitPolicies([...denials, ...statements.map(({ statement }) => statement)]),
    purposes: Object.fromEntries(statements.map(({ statement, purposes }) => [statement.Sid, purposes])),
    wildcards: wildcardsOf(statements),
  };
}

/** The managed policies of reader and writer in one account: what is needed and nothing else, in the same order always. */
export function compileAws(
  { reader, writer }: { readonly reader: readonly Need[]; readonly writer: readonly Need[] },
  place: AwsPlace,
): { readonly reader: AwsPolicies; readonly writer: AwsPolicies } {
  const { partition, account, regions, homePrincipals } = place;
  const values = { ...place.values, partition, account };
  const rights = (needs: readonly Need[]) => rightsOf(needs, values, regions).map((right) => bounded(right, regions));
  const writes = rights(writer);
  const actions = [...new Set(writes.map(({ action }) => action))];
  return {
    reader: policiesOf(rights(reader), []),
    writer: policiesOf(writes, denialsFor(actions, { partition, account, homePrincipals })),
  };
}
