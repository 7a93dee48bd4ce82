import { deepStrictEqual, match } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { unwrap } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { Finding } from '../../shared/model/finding.ts';
import { comparable } from '../../shared/model/identifiers.ts';
import type { Json } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { quarantinedOn } from '../../shared/records/quarantine.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { type Received, receive } from '../../shared/run/receive.ts';
import { readRun } from '../../shared/run/turn.ts';
import { doors } from '../support/doors.ts';
import { eventNames, readEvent } from '../support/events.ts';
import { mutate, mutation } from '../support/mutations.ts';
import { changing } from '../support/road.ts';

const shipped = playbookSet(usable(await loadPlaybooks(['playbooks'])));
const requester = { kind: 'event', id: 'test' } as const;
const day = '2026-11-20';

/** One company for one fixture: what became of every message is in its store. */
function receiver() {
  const { deps, started, engine, sandbox } = doors();
  const take = (message: Json) => receive(deps, shipped, message, requester);
  return { deps, started, engine, sandbox, take };
}

/** The resources that an event names, as it is: by id, and by name, since a key goes by itself where its user is not told. */
const namedBy = (name: string): ReadonlySet<string> =>
  new Set(
    unwrap(readEvent(name)).flatMap((message) => {
      const { reading } = normalise(message);
      const findings = reading.kind === 'findings' ? reading.findings : [];
      return findings.flatMap(({ resources }) =>
        resources.flatMap(({ id, name }) => [comparable(id), comparable(name)]),
      );
    }),
  );

/** So many runs for resources that nobody knows are carried on, for each fixture. */
const carried = 3;

/** Carries on runs for resources that the event, as it was, does not name; answers with the calls that changed something. */
async function changesFor({ engine, sandbox }: ReturnType<typeof receiver>, runIds: readonly string[]) {
  for (const runId of runIds.slice(0, carried))
    await carryOn(engine, runId, { signal: AbortSignal.timeout(30_000), until: farOff });
  return changing({ sandbox })
    .filter(({ error }) => !error)
    .map(({ operation, resource }) => `${operation} ${resource}`);
}

/** Whether an answer can be found again in the store, or says why there is nothing to keep. */
async function isKept({ deps }: ReturnType<typeof receiver>, one: Received, kept: ReadonlySet<string>) {
  if (one.kind === 'opened') return (await readRun(deps.records, one.runId)) !== undefined;
  return one.kind === 'quarantined' ? kept.has(one.id) : one.kind === 'skipped' || one.why !== '';
}

/** A source gives findings that are findings, or sentences. */
function expectWellFormed(event: Json): void {
  for (const message of unwrap(event)) {
    const { reading } = normalise(message);
    const rest = reading.kind === 'findings' ? (reading.rest ?? []) : [reading];
    // node:assert, because this runs tens of thousands of times
    if (reading.kind === 'findings')
      for (const finding of reading.findings) deepStrictEqual(Finding.parse(finding), finding);
    for (const part of rest) match(part.kind === 'ignored' ? part.reason : part.problem, /\.$/);
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
}

/** The event with some of its members replaced, renamed, wrapped or gone. */
function mutated(name: string): fc.Arbitrary<Json> {
  const whole = JSON.stringify(readEvent(name));
  return fc.array(mutation, { minLength: 1, maxLength: 3 }).map((mutations) => {
    const event: Json = JSON.parse(whole);
    for (const one of mutations) mutate(event, one);
    return event;
  });
}

describe('whatever is changed in an event', () => {
  test.each(eventNames)('%s: nothing throws, nothing is lost and nobody else is aimed at', async (name) => {
    const events = mutated(name);
    fc.assert(fc.property(events, expectWellFormed), { numRuns: 440 });
    const company = receiver();
    const { deps, started, take } = company;
    const all: Received[] = [];
    const taken = fc.asyncProperty(events, async (event) => {
      expectWellFormed(event);
      const received = await take(JSON.stringify(event));
      // a batch that was emptied holds no message
      expect(received.length > 0 || unwrap(event).length === 0).toBe(true);
      all.push(...received);
    });
    await fc.assert(taken, { numRuns: 60 });
    const kept = new Set((await quarantinedOn(deps, day)).map(({ id }) => id));
    for (const one of all) expect(await isKept(company, one, kept)).toBe(true);
    const opened = all.flatMap((one) => (one.kind === 'opened' ? [one.runId] : []));
    expect(new Set(started)).toEqual(new Set(opened));
    const named = namedBy(name);
    const strangers = all.flatMap((one) =>
      one.kind === 'opened' && !named.has(comparable(one.target)) ? [one.runId] : [],
    );
    expect(await changesFor(company, [...new Set(strangers)])).toEqual([]);
  });
});
