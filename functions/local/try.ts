import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { envelopeOf, unwrap } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { Json, type JsonObject } from '../../shared/model/json.ts';
import type { Playbook, PlaybookTest } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { type Opening, openRuns } from '../../shared/run/open.ts';
import { plansOf } from '../../shared/run/stored-plan.ts';
import { readRun } from '../../shared/run/turn.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { type Northwind, readNorthwind } from './desk.ts';
import { makeKnown } from './known.ts';
import { grantPlaybooks } from './rights.ts';
import { local, sandboxClouds } from './wire.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/events', import.meta.url));

/** Something that a test expected otherwise. */
export type Difference = {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  readonly detail?: string;
};

/** What a playbook's test found: no problems when all was as expected. */
export type Tried = {
  readonly test: string;
  readonly problems: readonly Difference[];
  /** Uses of steps that made a change. */
  readonly reached: readonly string[];
  /** Uses of steps that stood in a plan. */
  readonly planned: readonly string[];
  /** Actions that stood in a plan, portable ones as what they came down to. */
  readonly actions: readonly string[];
  readonly milliseconds: number;
};

/** The value with one member replaced, named by a dotted path. Arrays are walked by index. */
function withMember(value: Json, path: readonly string[], replaced: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return replaced;
  if (Array.isArray(value))
    return value.map((item: Json, at) => (String(at) === key ? withMember(item, rest, replaced) : item));
  const object = typeof value === 'object' && value !== null ? (value as JsonObject) : {}; // neither null nor a list
  return { ...object, [key]: withMember(object[key] ?? {}, rest, replaced) };
}

/** A fixture event by name, with the members a test changes. Throws `InvalidInput` when there is no such file. */
export async function fixtureEvent(name: string, changed: Readonly<Record<string, Json>> = {}): Promise<Json> {
  const file = join(fixtures, `${name}.json`);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InvalidInput({
      code: 'no-fixture',
      message: `there is no fixture ${name}`,
      remedy: `Look into ${fixtures}.`,
    });
  });
  const [event = null] = unwrap(Json.parse(JSON.parse(text)));
  return Object.entries(changed).reduce<Json>(
    (value, [path, replaced]) => withMember(value, path.split('.'), replaced),
    event,
  );
}

/** What came of one event. */
type Played = {
  readonly openings: readonly Opening[];
  readonly runs: readonly RunState[];
  /** Uses of steps that made a change. */
  readonly applied: readonly string[];
  /** The uses in the last plan of each run, by its id. */
  readonly planned: ReadonlyMap<string, readonly string[]>;
  readonly actions: readonly string[];
};

/** Where a test is played. */
export type Stage = {
  /** The sandbox company, where many tests are played and it is read once. */
  readonly company?: Northwind;
  /** Is told of each call to a cloud. */
  readonly onCall?: (call: RecordedCall) => void;
};

/**
 * Plays one event at the sandbox company with one playbook, and waits as long as no person is needed. Cordon holds just
 * the rights that are compiled for this playbook there, so that a right that is missing shows here and not in an attack.
 */
export async function play(playbook: Playbook, event: Json, { company, onCall }: Stage = {}): Promise<Played> {
  const { sandbox: untouched, settings, identities } = company ?? (await readNorthwind());
  const sandbox = untouched.fork();
  await grantPlaybooks(sandbox, [playbook], settings, identities);
  if (onCall) sandbox.recorder.onCall(onCall);
  const { deps, engine, store } = local({
    settings,
    clouds: sandboxClouds(sandbox, settings, identities),
    clock: sandbox.clock,
    file: ':memory:',
  });
  const { reading } = normalise(event);
  const openings: Opening[] = [];
  for (const finding of reading.kind === 'findings' ? reading.findings : []) {
    makeKnown(sandbox, finding, event);
    const occasion = {
      finding,
      event,
      envelope: envelopeOf(event),
      requester: { kind: 'event', id: finding.id },
      wants: 'enforce',
    } as const;
    openings.push(...(await openRuns(deps, playbookSet([playbook]), occasion)));
  }
  const runs: RunState[] = [];
  for (const opening of openings) {
    if (!opening.opened) continue;
    await carryOn(engine, opening.runId, { signal: AbortSignal.timeout(60_000), until: farOff });
    const state = await readRun(deps.records, opening.runId);
    if (state) runs.push(state);
  }
  const planned = new Map<string, readonly string[]>();
  const actions = new Set<string>();
  for (const { order } of runs) {
    const plans = await plansOf(deps, order.id);
    planned.set(order.id, plans.at(-1)?.steps.map(({ id }) => id) ?? []);
    for (const { action } of plans.flatMap(({ steps }) => steps)) actions.add(action);
  }
  const journals = await Promise.all(runs.map(({ order }) => readJournal(deps.records, order.id)));
  const entries = journals.flat().flatMap((row) => row.entries);
  store.close();
  const applied = entries.flatMap((entry) => (entry.type === 'applied' ? [entry.step] : []));
  return { openings, runs, applied, planned, actions: [...actions] };
}

/** How a run went, step by step, for whoever has to find out why it went otherwise. */
const storyOf = ({ result }: RunState): string =>
  [result?.detail, ...(result?.steps.map((step) => `${step.id} ${step.outcome}: ${step.detail ?? step.reason}`) ?? [])]
    .filter(Boolean)
    .join('; ');

/** Where one run is not as the test expects it. */
function compareRun({ expect }: PlaybookTest, state: RunState, planned: readonly string[]): readonly Difference[] {
  const { result, status } = state;
  const steps = result?.steps ?? [];
  const reasons = [
    ...new Set([result?.reason, ...steps.map(({ reason }) => reason)].filter((one) => one !== undefined)),
  ];
  const outcome = result?.outcome ?? status;
  const plan = (result ? steps.map(({ id }) => id) : planned).join(', ');
  const differences: Difference[] = [];
  const differs = (what: string, expected: string | undefined, got: string, holds = expected === got) => {
    if (expected !== undefined && !holds) differences.push({ what, expected, got, detail: storyOf(state) });
  };
  differs('outcome', expect.outcome, outcome);
  differs(
    'reason',
    expect.reason,
    reasons.join(', '),
    reasons.some((one) => one === expect.reason),
  );
  differs('plan', expect.plan?.join(', '), plan);
  return differences;
}

function compare(test: PlaybookTest, { runs, openings, planned }: Played): readonly Difference[] {
  const matched = runs.length > 0;
  if ((test.expect.matched ?? true) === matched)
    return runs.flatMap((state) => compareRun(test, state, planned.get(state.order.id) ?? []));
  const refused = openings.flatMap((opening) => (opening.opened ? [] : [opening.reason]));
  return [
    {
      what: 'matched',
      expected: String(!matched),
      got: String(matched),
      ...(refused.length > 0 && { detail: `no run was opened: ${refused.join(', ')}` }),
    },
  ];
}

/** Runs one test of a playbook. A fixture that is not there is what the test got. */
export async function tryPlaybook(playbook: Playbook, test: PlaybookTest, stage: Stage = {}): Promise<Tried> {
  const began = performance.now();
  const told = (found: Pick<Tried, 'problems' | 'reached' | 'planned' | 'actions'>): Tried => ({
    test: test.name,
    ...found,
    milliseconds: Math.round(performance.now() - began),
  });
  try {
    const played = await play(playbook, await fixtureEvent(test.event.fixture, test.event.with), stage);
    const { applied: reached, planned, actions } = played;
    return told({ problems: compare(test, played), reached, planned: [...planned.values()].flat(), actions });
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    const problem = { what: 'event', expected: test.event.fixture, got: thrown.message, detail: thrown.remedy ?? '' };
    return told({ problems: [problem], reached: [], planned: [], actions: [] });
  }
}
