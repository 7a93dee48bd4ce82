import type { Action, Change, State, StepContext } from '../../../shared/action/action.ts';
import { carryOut, changesOf, inverse } from '../../../shared/action/change.ts';
import { messageOf, ProviderError } from '../../../shared/model/error.ts';
import { asJson, type Json, type JsonObject } from '../../../shared/model/json.ts';
import type { Call, Clouds, Rights, Session } from '../../../shared/ports/clouds.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { company } from '../../support/company.ts';
import { grantExactly } from '../../support/rights.ts';
import { type Difference, storyDifferences } from './compare.ts';
import type { Moto } from './moto.ts';
import { inverted, plain, rename, runId } from './names.ts';
import { seedMoto } from './seed.ts';

/** As much of a life as is compared. */
export type ComparedLife = Pick<ActionLife, 'input' | 'where' | 'also'>;

/** Where a life is lived: one of the two clouds, with the ids it knows. */
type Place = {
  readonly clouds: Clouds;
  readonly input: Json;
  readonly startedAt: string;
  settle(seconds: number): Promise<void>;
  /** This cloud's ids, with those of the estate. */
  readonly names: ReadonlyMap<string, string>;
};

const contextOf = ({ startedAt, settle }: Place): StepContext => ({
  runId,
  key: `${runId}-step`,
  startedAt,
  signal: AbortSignal.timeout(60_000),
  wait: settle,
  learnt: new Map(),
});

const byResource = (changes: readonly Change[]): Json =>
  asJson(Object.fromEntries(changes.map(({ resource, ...change }) => [resource, change])));

/** The calls that were refused since the last look, each once. */
function refusals(...records: readonly (readonly Call[])[]): () => string[] {
  const read = records.map(() => 0);
  return () => {
    const fresh = records.flatMap((calls, at) => calls.slice(read[at]));
    for (const [at, calls] of records.entries()) read[at] = calls.length;
    const refused = fresh.flatMap(({ operation, error }) => (error === undefined ? [] : [`${operation} ${error}`]));
    return [...new Set(refused)];
  };
}

type Sessions = { readonly reader: Session; readonly writer: Session };

/** What went wrong, short: the call and the provider's code. What no provider answers in its own words is not modelled. */
function failure(thrown: unknown, { reader, writer }: Sessions): string {
  if (!(thrown instanceof ProviderError)) return messageOf(thrown);
  const unreadable = thrown.code === 'unreadable-answer';
  const code = unreadable ? '' : thrown.code;
  const { operation = '' } = [...reader.calls, ...writer.calls].findLast(({ error }) => error === code) ?? {};
  return unreadable || thrown.status === 501 ? `${operation} is not modelled` : `${operation} ${code}`;
}

async function* stages(
  action: Action,
  { input, settle }: Place,
  { reader, writer }: Sessions,
  context: StepContext,
): AsyncGenerator<readonly [string, Json]> {
  const refused = refusals(reader.calls, writer.calls);
  const capture = () => action.capture(reader, input, context);
  const planned = (seen: State) => changesOf(action, input, seen, action.plan(input, seen, context));

  const before = await capture();
  yield ['captured', asJson(before)];
  const changes = planned(before);
  yield ['planned', byResource(changes)];
  yield ['refused before', refused()];
  const { applied } = await carryOut(action, { reader, writer }, input, changes, context, before);
  yield ['applied', applied.map(({ resource }) => resource)];
  await settle(action.settles.seconds);
  const contained = await capture();
  yield ['contained', asJson(contained)];
  yield ['planned again', byResource(planned(contained))];
  yield ['refused', refused()];
  const proof = action.probe(reader, input, context);
  yield ['proven', await proof.catch((thrown: unknown) => failure(thrown, { reader, writer }))];
  refused();
  if (action.irreversible !== undefined || action.keeps !== undefined) return;
  const back = await carryOut(action, { reader, writer }, input, inverse(changes), context);
  yield ['taken back', back.applied.map(({ resource }) => resource)];
  await settle(action.settles.seconds);
  yield ['released', asJson(await capture())];
  yield ['refused after', refused()];
}

/** What was found at each stage, in the ids of the estate; the story stops where a call fails. */
async function live(action: Action, { where }: ComparedLife, place: Place): Promise<JsonObject> {
  const context = contextOf(place);
  const open = (rights: Rights) =>
    place.clouds.session({ cloud: 'aws', ...where, rights, runId, signal: context.signal });
  const sessions = { reader: await open('reader'), writer: await open('writer') };
  const told: [string, Json][] = [];
  try {
    for await (const [stage, found] of stages(action, place, sessions, context))
      told.push([stage, plain(found, place.names)]);
  } catch (thrown) {
    told.push(['ended', failure(thrown, sessions)]);
  }
  return Object.fromEntries(told);
}

async function liveOnSandbox(action: Action, life: ComparedLife, ids: Iterable<string>): Promise<JsonObject> {
  const { sandbox, clouds } = company();
  const { input, where, also } = life;
  grantExactly(sandbox, action, action.permissions, input, { ...where, ...(also && { also }) });
  const names = new Map([...ids].map((id) => [id, id]));
  const settle = async (seconds: number) => sandbox.clock.advance(seconds);
  return live(action, life, { clouds, input, startedAt: sandbox.clock.now(), settle, names });
}

const liveOnMoto = (
  action: Action,
  life: ComparedLife,
  clouds: Clouds,
  ids: ReadonlyMap<string, string>,
): Promise<JsonObject> => {
  const startedAt = new Date().toISOString();
  const settle = async () => undefined;
  return live(action, life, { clouds, input: rename(life.input, ids), startedAt, settle, names: inverted(ids) });
};

/** Lives the same life on both clouds, from the same starting state, and tells where they part. */
export async function compareLife(
  action: Action,
  life: ComparedLife,
  moto: Moto,
  name: string = action.id,
): Promise<readonly Difference[]> {
  const { where, also = [] } = life;
  const clouds = await moto.fresh();
  const ids = await seedMoto(clouds, company().sandbox.rows, [where.account, ...also], where.region);
  const theirs = await liveOnMoto(action, life, clouds, ids);
  const ours = await liveOnSandbox(action, life, ids.keys());
  return storyDifferences(name, theirs, ours);
}
