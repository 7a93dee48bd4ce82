import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { envelopeOf, normalise, unwrap } from '../../shared/ingest/recognise.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { Json, type JsonObject } from '../../shared/model/json.ts';
import type { Playbook, PlaybookTest } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { type Opening, openRuns } from '../../shared/run/open.ts';
import { readRun } from '../../shared/run/turn.ts';
import { northwind } from './desk.ts';
import { makeKnown } from './known.ts';
import { local, sandboxClouds } from './wire.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/events', import.meta.url));

/** What a playbook's test found: nothing when all was as expected. */
export type Tried = {
  readonly test: string;
  readonly problems: readonly string[];
  readonly reached: readonly string[];
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

/** Plays one event at the sandbox company with one playbook, and waits as long as no person is needed. */
export async function play(
  playbook: Playbook,
  event: Json,
): Promise<{ openings: readonly Opening[]; runs: readonly RunState[]; applied: readonly string[] }> {
  const { sandbox, settings, identities } = await northwind();
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
    openings.push(...(await openRuns(deps, [playbook], occasion)));
  }
  const runs: RunState[] = [];
  for (const opening of openings) {
    if (!opening.opened) continue;
    await carryOn(engine, opening.runId, { signal: AbortSignal.timeout(60_000), until: farOff });
    const state = await readRun(deps.records, opening.runId);
    if (state) runs.push(state);
  }
  const journals = await Promise.all(runs.map(({ order }) => readJournal(deps.records, order.id)));
  const entries = journals.flat().flatMap((row) => row.entries);
  store.close();
  return { openings, runs, applied: entries.flatMap((entry) => (entry.type === 'applied' ? [entry.step] : [])) };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);

const wordsOf = ({ status, result }: RunState): string =>
  [
    result?.outcome ?? status,
    result?.reason,
    result?.detail,
    ...(result?.steps.map((step) => `${step.id} ${step.outcome} ${step.detail ?? step.reason}`) ?? []),
  ]
    .filter(Boolean)
    .join('; ');

/** Where one run is not as the test expects it. */
function compareRun({ expect }: PlaybookTest, state: RunState): string[] {
  const { result, status } = state;
  const steps = result?.steps ?? [];
  const reasons = [result?.reason, ...steps.map(({ reason }) => reason)];
  const checks: readonly (readonly [boolean, string])[] = [
    [expect.outcome === undefined || expect.outcome === (result?.outcome ?? status), `the outcome ${expect.outcome}`],
    [expect.reason === undefined || reasons.some((one) => one === expect.reason), `the reason ${expect.reason}`],
    [
      expect.plan === undefined ||
        !result ||
        same(
          expect.plan,
          steps.map(({ id }) => id),
        ),
      `the steps ${expect.plan?.join(', ')}`,
    ],
  ];
  return checks.flatMap(([holds, what]) => (holds ? [] : [`expected ${what}, was ${wordsOf(state)}`]));
}

function compare(test: PlaybookTest, runs: readonly RunState[]): string[] {
  const matched = runs.length > 0;
  if ((test.expect.matched ?? true) !== matched) return [`expected the playbook ${matched ? 'not ' : ''}to match`];
  return runs.flatMap((state) => compareRun(test, state));
}

/** Runs one test of a playbook. */
export async function tryPlaybook(playbook: Playbook, test: PlaybookTest): Promise<Tried> {
  const { runs, applied } = await play(playbook, await fixtureEvent(test.event.fixture, test.event.with));
  return { test: test.name, problems: compare(test, runs), reached: applied };
}
