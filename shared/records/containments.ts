import { later, secondsOf } from '../model/duration.ts';
import { Containment } from '../model/containment.ts';
import { CordonError } from '../model/error.ts';
import { comparable } from '../model/identifiers.ts';
import { canonical, Json, same, shortDigest } from '../model/json.ts';
import type { Change, StepPlan } from '../model/plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { Draft, Records, Stored } from '../ports/records.ts';
import type { Signer } from '../ports/signer.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

/** One containment for one action on one thing, whoever asks for it. */
export const containmentId = ({
  action,
  input,
  account,
  region,
}: Pick<StepPlan, 'action' | 'input' | 'account' | 'region'>): string =>
  shortDigest({ action, input, account, region });

/** When somebody has to look after it next: its watch, its end, or its review. */
const dueOf = ({ reviewAt, watch, endsAt }: Containment): string =>
  [reviewAt, watch?.at ?? reviewAt, endsAt ?? reviewAt].reduce((a, b) => (b < a ? b : a));

const draftOf = (containment: Containment): Draft => ({
  kind: 'containment',
  id: containment.id,
  group: containment.status,
  ...(containment.status === 'held' && { due: dueOf(containment) }),
  body: Json.parse(containment),
});

function read({ id, body }: Stored): Containment {
  const { data, error } = Containment.safeParse(body);
  if (data) return data;
  throw new CordonError({
    code: 'record-unreadable',
    message: `the record of containment ${id} is not one that Cordon has written`,
    remedy: 'Take it back by hand, from the journal of its run and the log of the provider.',
    cause: error,
  });
}

/** Changes one containment until the write holds. `next` gives undefined to leave it. */
async function update(
  { records }: Deps,
  id: string,
  next: (now: Containment | undefined) => Containment | undefined | Promise<Containment | undefined>,
): Promise<Containment | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const stored = await records.read('containment', id);
    const now = stored && read(stored);
    const wanted = await next(now);
    if (!wanted) return now;
    const done = stored
      ? await records.replace(draftOf(wanted), stored.version)
      : await records.create(draftOf(wanted));
    if (done) return wanted;
  }
  throw new CordonError({ code: 'contended', message: `containment ${id} keeps changing`, retryable: true });
}

/**
 * The lines of an open containment with those of a further run: what was there before it stays the "before" of each
 * resource, what was set last is what a release finds.
 */
function merged(held: readonly Change[], further: readonly Change[]): Change[] {
  const known = new Map(held.map((change) => [change.resource, change]));
  for (const change of further)
    known.set(change.resource, { ...change, from: (known.get(change.resource) ?? change).from });
  return [...known.values()];
}

/** Changes one containment that exists; `next` gives undefined to leave it. */
export const changeContainment = (
  deps: Deps,
  id: string,
  next: (now: Containment) => Containment | undefined,
): Promise<Containment | undefined> => update(deps, id, (now) => (now ? next(now) : undefined));

/** Containments that somebody has to look after now, the earliest first. */
export const dueContainments = async ({ records, clock }: Deps, limit: number): Promise<readonly Containment[]> =>
  (await records.listDue('containment', clock.now(), limit)).map(read).filter(({ status }) => status === 'held');

const sealed = ({ id, action, input, account, region, changes }: Omit<Containment, 'seal'>): string =>
  `cordon-containment/1\n${canonical(Json.parse({ id, action, input, account, region, changes }))}`;

const withSeal = async (signer: Signer, containment: Omit<Containment, 'seal'>): Promise<Containment> => ({
  ...containment,
  seal: await signer.sign(sealed(containment)),
});

/** Whether what a containment would give back is what Cordon has written. */
export const isGenuine = (signer: Signer, containment: Containment): Promise<boolean> =>
  signer.verify(sealed(containment), containment.seal);

export type Holder = {
  readonly run: string;
  readonly playbook: string;
  readonly target: { readonly id: string; readonly name: string };
  readonly review: string;
  /** When it ends by itself (`24h`). */
  readonly ends?: string;
  /** When it is first read again; never where there is nothing to watch. */
  readonly watchAfterSeconds?: number;
  /** The fleets that the target is of. */
  readonly fleets?: readonly string[];
};

/** Records that something is cut off, before it is. An open containment is joined: its "before" is the true one. */
export async function hold(
  deps: Deps & { readonly signer: Signer },
  step: StepPlan,
  { run, playbook, target, review, ends, watchAfterSeconds, fleets = [] }: Holder,
): Promise<Containment | undefined> {
  const now = deps.clock.now();
  const next = async (held: Containment | undefined): Promise<Containment | undefined> => {
    if (held?.status === 'held') {
      const owners = held.owners.includes(run) ? held.owners : [...held.owners, run];
      const changes = merged(held.changes, step.changes);
      const known = owners === held.owners && same(Json.parse(changes), Json.parse(held.changes));
      return known ? undefined : withSeal(deps.signer, { ...held, owners, changes });
    }
    const { seal: _, ...fresh } = Containment.parse({
      id: containmentId(step),
      action: step.action,
      input: step.input,
      target: target.id,
      targetName: target.name,
      account: step.account,
      region: step.region,
      changes: step.changes,
      owners: [run],
      playbook,
      since: now,
      reviewAt: later(now, secondsOf(review)),
      watch: watchAfterSeconds === undefined ? null : { at: later(now, watchAfterSeconds), round: 0 },
      endsAt: ends === undefined ? null : later(now, secondsOf(ends)),
      fleets,
      status: 'held',
      releasedAt: null,
    });
    return withSeal(deps.signer, fresh);
  };
  // mostly nothing stands there yet: asking first would cost a way more before the first change
  const fresh = await next(undefined);
  if (fresh && (await deps.records.create(draftOf(fresh)))) return fresh;
  return update(deps, containmentId(step), next);
}

/** Adds an owner to an open containment; undefined when there is none. */
export async function join(deps: Deps, id: string, run: string): Promise<Containment | undefined> {
  const now = await update(deps, id, (held) =>
    held?.status === 'held' && !held.owners.includes(run) ? { ...held, owners: [...held.owners, run] } : undefined,
  );
  return now?.status === 'held' ? now : undefined;
}

/** The open containments that have set what is there now on one of these resources. */
export async function coveredBy(
  deps: Pick<Deps, 'records'>,
  { account, region }: Pick<StepPlan, 'account' | 'region'>,
  seen: { readonly [resource: string]: Json },
): Promise<readonly string[]> {
  const sets = ({ resource, to }: Change): boolean => Object.hasOwn(seen, resource) && same(to, seen[resource] ?? null);
  return (await held(deps)).flatMap((one) =>
    one.account === account && one.region === region && one.changes.some(sets) ? [one.id] : [],
  );
}

/** One containment, open or released. */
export async function readContainment(
  { records }: Pick<Deps, 'records'>,
  id: string,
): Promise<Containment | undefined> {
  const stored = await records.read('containment', id);
  return stored && read(stored);
}

/** Whether a run wants something cut off that nobody else does: what it may take back. */
export const ownedByOnly = (held: Containment | undefined, run: string): boolean =>
  held?.status === 'held' && held.owners.every((owner) => owner === run);

/** Takes a run off a containment; the last owner ends it. */
export const leave = (deps: Deps, id: string, run: string): Promise<Containment | undefined> =>
  update(deps, id, (held) => {
    if (held?.status !== 'held' || !held.owners.includes(run)) return undefined;
    const owners = held.owners.filter((owner) => owner !== run);
    if (owners.length > 0) return { ...held, owners };
    return { ...held, status: 'released', releasedAt: deps.clock.now() };
  });

/** Takes a run off a containment that others hold too; false when it is the last owner, which would have to take it back. */
export async function leaveToOthers(deps: Deps, id: string, run: string): Promise<boolean> {
  const now = await update(deps, id, (held) =>
    held?.status !== 'held' || ownedByOnly(held, run) || !held.owners.includes(run)
      ? undefined
      : { ...held, owners: held.owners.filter((owner) => owner !== run) },
  );
  return !ownedByOnly(now, run);
}

/** All that is cut off now, the oldest first. */
export const held = async ({ records }: Pick<Deps, 'records'>): Promise<readonly Containment[]> =>
  (await records.list('containment', 'held')).map(read).sort((a, b) => a.since.localeCompare(b.since));

/** How many targets of each fleet are among what is cut off, but for one target. */
export function countInFleets(
  all: readonly Containment[],
  fleets: readonly string[],
  but: string,
): ReadonlyMap<string, number> {
  const targetsOf = (fleet: string) =>
    new Set(
      all
        .filter((one) => one.fleets.includes(fleet) && comparable(one.target) !== comparable(but))
        .map(({ target }) => target),
    );
  return new Map(fleets.map((fleet) => [fleet, targetsOf(fleet).size]));
}
