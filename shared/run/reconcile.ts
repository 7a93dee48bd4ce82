import * as z from 'zod';
import { later } from '../model/duration.ts';
import { messageOf } from '../model/error.ts';
import { providers } from '../model/finding.ts';
import { Json, shortDigest } from '../model/json.ts';
import type { Notice } from '../model/notice.ts';
import { type ActiveFinding, type ActiveFindings, type Keeper, keepers } from '../ports/active-findings.ts';
import type { Place } from '../ports/clouds.ts';
import type { Records, Stored } from '../ports/records.ts';
import { isKnown } from '../records/findings.ts';
import { sideBySide } from '../records/side-by-side.ts';
import type { RunDeps } from './deps.ts';
import { tell } from './notices.ts';

export type ReconcileDeps = Pick<RunDeps, 'records' | 'clock' | 'settings' | 'notifier'> & {
  readonly active: ActiveFindings;
  /** The region of AWS that is looked in where the settings name none. */
  readonly homeRegion: string;
};

/** A subscription, or an account with its regions. */
type Account = Pick<Place, 'cloud' | 'account'> & { readonly regions: readonly string[] };

const everySeconds = 3_600;
/** An event has so long to arrive; what is newer is looked at next time. */
const graceSeconds = 1_800;
/** How many accounts one round looks into: with a round every minute, 240 in an hour. */
const accountsAtOnce = 4;
const lookupsAtOnce = 8;
/** So many untold ids are kept by name; more are counted. */
const mostNamed = 50;

/** How far the comparison of an account has come. */
const Progress = z.object({
  triedAt: z.string(),
  /** By region and keeper: what was told of before this has been compared. */
  until: z.record(z.string(), z.string()),
  /** What never arrived and has not been told yet: people are told once a day. */
  missed: z.array(z.object({ provider: z.enum(providers), id: z.string(), type: z.string() })),
  /** Those beyond the ones that are named. */
  more: z.int(),
  toldOn: z.string(),
});
type Progress = z.infer<typeof Progress>;

/** What one round has found. */
export type Reconciled = {
  readonly cloud: Place['cloud'];
  readonly account: string;
  /** Findings that never arrived, found in this round. */
  readonly missed: readonly ActiveFinding[];
  /** Why some of the account could not be read. */
  readonly problems: readonly string[];
};

const idOf = ({ cloud, account }: Account): string => `reconcile:${cloud}:${account.toLowerCase()}`;

function accountsOf({ settings: { aws, azure }, homeRegion }: ReconcileDeps): readonly Account[] {
  const regions = aws.regions.length > 0 ? aws.regions : [homeRegion];
  return [
    ...Object.keys(aws.accounts).map((account) => ({ cloud: 'aws' as const, account, regions })),
    ...azure.subscriptions.map((account) => ({ cloud: 'azure' as const, account, regions: [''] })),
  ];
}

type Known = {
  readonly account: Account;
  readonly stored: Stored | undefined;
  readonly progress: Progress | undefined;
};

async function known({ records }: ReconcileDeps, account: Account): Promise<Known> {
  const stored = await records.read('round', idOf(account));
  return { account, stored, progress: stored && Progress.parse(stored.body) };
}

/** One keeper in one region of an account. */
type Lookup = { readonly place: Place; readonly keeper: Keeper };
type Compared = {
  readonly lookup: string;
  /** How far it has come. */
  readonly until: string;
  readonly missed: readonly ActiveFinding[];
  readonly problem?: string;
};

const nameOf = ({ place: { region }, keeper }: Lookup): string => `${region}/${keeper}`;
const lookupsOf = ({ cloud, account, regions }: Account): readonly Lookup[] =>
  regions.flatMap((region) => keepers[cloud].map((keeper) => ({ place: { cloud, account, region }, keeper })));

/** A finding, where none of its versions has arrived. */
const unknown = async <F extends Pick<ActiveFinding, 'provider' | 'id'>>(records: Records, one: F): Promise<F[]> =>
  (await isKnown(records, one)) ? [] : [one];

/** What a keeper has told of in a time that is over, and that never arrived. */
async function compare(
  deps: ReconcileDeps,
  one: Lookup,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<Compared> {
  const { place, keeper } = one;
  const lookup = nameOf(one);
  const where = place.region ? `${keeper} in ${place.region}` : keeper;
  if (place.cloud === 'aws' && place.region === '')
    return { lookup, until: from, missed: [], problem: 'the settings name no aws.regions' };
  try {
    const { findings, all } = await deps.active.within(place, keeper, { from, to }, signal);
    const missed = (await sideBySide(findings, 8, (finding) => unknown(deps.records, finding))).flat();
    const rest = `${where} told of more than the ${findings.length} findings that were compared, and the rest is not compared`;
    return { lookup, until: to, missed, ...(!all && { problem: rest }) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { lookup, until: from, missed: [], problem: `${where}: ${messageOf(thrown)}` };
  }
}

const notice = (about: Pick<Notice, 'id' | 'kind' | 'at' | 'page' | 'severity' | 'detail' | 'commands'>): Notice => ({
  ...about,
  run: null,
  playbook: null,
  finding: null,
  target: null,
  outcome: null,
  steps: [],
  asks: null,
});

function missedNotice({ cloud, account }: Account, { missed, more }: Progress, at: string): Notice {
  const named = missed.map(({ provider, id, type }) => `${provider} ${id} (${type})`).join(', ');
  const count = missed.length + more;
  const others = more > 0 ? ` and ${more} more` : '';
  return notice({
    id: shortDigest({ missed: account, day: at.slice(0, 10) }),
    kind: 'missed-findings',
    at,
    page: true,
    severity: 'High',
    detail: `${count} active ${count === 1 ? 'finding' : 'findings'} of ${cloud} ${account} never arrived, and nothing was done about them: ${named}${others}`,
    commands: ['cordon doctor', 'cordon status'],
  });
}

const refusedNotice = ({ cloud, account }: Account, problems: readonly string[], at: string): Notice =>
  notice({
    id: shortDigest({ 'not-reconciled': account, day: at.slice(0, 10) }),
    kind: 'not-reconciled',
    at,
    page: false,
    severity: 'Medium',
    detail: `The active findings of ${cloud} ${account} could not all be compared; what could not be read is tried again within the hour: ${problems.join('; ')}`,
    commands: ['cordon doctor', 'cordon policy'],
  });

/** What was found joins what waits to be told; what has arrived meanwhile leaves it. */
async function gathered({ records }: ReconcileDeps, before: Progress | undefined, found: readonly ActiveFinding[]) {
  const waiting = await sideBySide(before?.missed ?? [], 8, (one) => unknown(records, one));
  const all = [...waiting.flat(), ...found.map(({ provider, id, type }) => ({ provider, id, type }))];
  return { missed: all.slice(0, mostNamed), more: (before?.more ?? 0) + Math.max(0, all.length - mostNamed) };
}

async function reconcileOne(
  deps: ReconcileDeps,
  { account, stored, progress }: Known,
  signal: AbortSignal,
): Promise<Reconciled> {
  const now = deps.clock.now();
  const to = later(now, -graceSeconds);
  const { cloud } = account;
  const since = (lookup: string): string => progress?.until[lookup] ?? to; // what was there before is not ours to miss
  const compared = await sideBySide(lookupsOf(account), lookupsAtOnce, (one) =>
    compare(deps, one, { from: since(nameOf(one)), to }, signal),
  );
  const missed = compared.flatMap((one) => one.missed);
  const problems = [...new Set(compared.flatMap(({ problem = [] }) => problem))];
  const next: Progress = {
    triedAt: now,
    until: Object.fromEntries(compared.map(({ lookup, until }) => [lookup, until])),
    ...(await gathered(deps, progress, missed)),
    toldOn: progress?.toldOn ?? '',
  };
  const today = now.slice(0, 10);
  const tells = next.missed.length + next.more > 0 && next.toldOn < today;
  // told before it is written down: who dies in between tells it again, under the same id
  if (tells) await tell(deps, missedNotice(account, next, now));
  if (problems.length > 0) await tell(deps, refusedNotice(account, problems, now));
  const kept = tells ? { ...next, missed: [], more: 0, toldOn: today } : next;
  const draft = { kind: 'round', id: idOf(account), body: Json.parse(kept) } as const;
  await (stored ? deps.records.replace(draft, stored.version) : deps.records.create(draft)); // false: another round has done it
  return { cloud, account: account.account, missed, problems };
}

/**
 * Compares the findings that the providers hold as active with those that have arrived, for the accounts whose turn it
 * is: each once an hour. What never arrived is told, once a day and account, and not acted on: the way by which events
 * come is broken, and a person has to mend it. An account that cannot be read is told too, and keeps no other back.
 */
export async function reconcile(deps: ReconcileDeps, signal: AbortSignal): Promise<readonly Reconciled[]> {
  const due = later(deps.clock.now(), -everySeconds);
  const all = await sideBySide(accountsOf(deps), 8, (account) => known(deps, account));
  const turn = all
    .filter(({ progress }) => (progress?.triedAt ?? '') <= due)
    .sort((a, b) => (a.progress?.triedAt ?? '').localeCompare(b.progress?.triedAt ?? ''))
    .slice(0, accountsAtOnce);
  return sideBySide(turn, accountsAtOnce, (one) => reconcileOne(deps, one, signal));
}
