import { describe, expect, test } from 'vitest';
import { Containment } from '../../shared/model/containment.ts';
import { asJson, canonical, type Json, type JsonObject, own, same } from '../../shared/model/json.ts';
import type { Draft, Stored } from '../../shared/ports/records.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { openRelease, previewRelease } from '../../shared/run/release.ts';
import type { WorkTable } from '../../shared/run/turn.ts';
import { lazily } from '../support/lazily.ts';
import { type MemoryStore, memoryStore } from '../support/memory-records.ts';
import {
  carryOn,
  closePorts,
  leakedKey,
  lived,
  openPort,
  operations,
  playbook,
  type Road,
  road,
  takenBack,
} from '../support/road.ts';
import { seeded } from '../support/scheduler.ts';

/** Denies a user everything: what was there before is a policy, which is worth forging. */
const quarantine = playbook(`
id: quarantine
title: Quarantine a user
on: { finding: { provider: [guardduty] } }
mode: enforce
steps:
  - id: quarantine
    action: aws.iam.revoke-role-sessions
    with: { roleName: web-server }
`);

type Place = Road & { readonly store: MemoryStore; readonly runId: string };

/** Something contained, in a store that may be forged. */
async function contained(cloud: 'aws' | 'azure'): Promise<Place> {
  const plain = road();
  const store = memoryStore();
  const deps = { ...plain.deps, records: store.records, evidence: store.evidence };
  const one = { ...plain, deps, engine: engineOf(deps) };
  const { runId, word } =
    cloud === 'aws' ? await lived(one, quarantine, leakedKey()) : await lived(one, closePorts(22), openPort());
  expect(word).toBe('contained allowed');
  return { ...one, store, runId };
}

/** The same place with a store of its own, so that what is forged in it stays in it. */
function copyOf(one: Place): Place {
  const store = one.store.fork();
  const deps = { ...one.deps, records: store.records, evidence: store.evidence };
  return { ...one, store, deps, engine: engineOf(deps) };
}

const first = ({ store }: Place): Stored => {
  const [stored] = store.all('containment');
  if (!stored) throw new Error('nothing is contained');
  return stored;
};

/** Writes into the store as somebody does who has got at it. */
async function forge({ store }: Place, { kind, id, group, due, version }: Stored, body: Json): Promise<void> {
  const draft: Draft = { kind, id, body, ...(group !== undefined && { group }), ...(due !== undefined && { due }) };
  expect(await store.records.replace(draft, version)).toBe(true);
}

/** What a release comes to: its word, or the code of the fault that it ends with; and that it has changed nothing. */
async function released(one: Place): Promise<string> {
  const before = operations(one).length;
  const word = await takenBack(one, one.runId, { reactivateCredentials: true }).then(
    ({ result, word: said }) => [...(result?.steps.map(({ reason }) => reason) ?? []), said].join(' '),
    (thrown: unknown) => String(own(thrown, 'code') ?? (thrown instanceof Error ? thrown.name : thrown)),
  );
  expect(operations(one).length).toBe(before);
  return word;
}

const wide = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Changes one member of a record, by its path. */
function altered(body: Json, [key, ...rest]: readonly (string | number)[], next: Json): Json {
  if (key === undefined) return next;
  if (Array.isArray(body)) return body.map((item: Json, at) => (at === key ? altered(item, rest, next) : item));
  const object = body as JsonObject; // paths are those of the record
  return { ...object, [key]: altered(object[String(key)] ?? null, rest, next) };
}

const sealedParts = ['id', 'action', 'input', 'account', 'region', 'changes', 'seal'] as const;
/** Refused by its seal, refused because it is no record at all, or no containment of this run any more. */
const refusals = /^(record-altered|record-unreadable|nothing)$/;

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a release would do: why it is refused, or `nothing`. */
async function planned(one: Place): Promise<string> {
  const requester = { kind: 'person', id: 'maria' } as const;
  const wish = { requester, wants: 'enforce', reactivateCredentials: true } as const;
  try {
    const { steps } = await previewRelease(one.deps, one.runId, wish, one.signal);
    const refused = steps.find(({ decision }) => decision === 'deny');
    return refused?.reason ?? (steps.length === 0 ? 'nothing' : 'all of it');
  } catch (thrown) {
    return String(own(thrown, 'code') ?? thrown);
  }
}

/** The plan of the run that contained something, and its name in the store. */
async function planOfRun({ deps, runId }: Place): Promise<{ readonly plan: Json; readonly digest: string }> {
  const entries = (await readJournal(deps.records, runId)).flatMap((row) => row.entries);
  const reply = entries.find((entry) => entry.type === 'reply' && entry.key === 'plan#0');
  const digest = String(own(own(reply?.type === 'reply' ? reply.reply : null, 'value'), 'plan'));
  return { plan: asJson(await deps.evidence.get(digest)), digest };
}

describe.each(['aws', 'azure'] as const)('a containment that somebody has altered in the store (%s)', (cloud) => {
  const at = lazily(() => contained(cloud));

  test.each<[string, readonly (string | number)[], Json]>([
    ['what was there before is a wider policy', ['changes', 0, 'from'], wide],
    ['what was there before is nothing', ['changes', 0, 'from'], 'nothing'],
    ['what Cordon has set is something else', ['changes', 0, 'to'], null],
    ['it is about another resource', ['changes', 0, 'resource'], 'northwind-federated-admin/AWSRevokeOlderSessions'],
    ['it has no changes', ['changes'], []],
    ['its input names something else', ['input'], { roleName: 'northwind-federated-admin' }],
    ['it is in another account', ['account'], '444455556666'],
    ['it is in another region', ['region'], 'us-east-1'],
    ['it is of another action', ['action'], 'azure.network.deny-address'],
    ['it has another name', ['id'], 'aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['it has no seal', ['seal'], ''],
    ['it has a seal of another key', ['seal'], `other.${'A'.repeat(43)}`],
  ])('is not released: %s', async (_, path, next) => {
    const one = copyOf(await at());
    const stored = first(one);
    await forge(one, stored, altered(stored.body, path, next));
    expect(await released(one)).toMatch(/^record-altered/);
  });

  test('is not released with the seal of another containment, nor with another one in its place', async () => {
    const [one, other] = [copyOf(await at()), copyOf(await contained(cloud === 'aws' ? 'azure' : 'aws'))];
    const [mine, theirs] = [first(one), first(other)];
    await forge(one, mine, altered(mine.body, ['seal'], own(theirs.body, 'seal') as Json)); // a record has a seal
    expect(await released(one)).toMatch(/^record-altered/);

    const next = copyOf(await at());
    const { owners } = Containment.parse(mine.body);
    await forge(next, first(next), altered(theirs.body, ['owners'], [...owners]));
    expect(await released(next)).toMatch(/^record-altered/);
  });

  test('gives nothing back whichever byte of it was changed: 1,000 at random', async () => {
    const place = await at();
    const stored = first(place);
    const text = canonical(stored.body);
    const genuine = Containment.parse(stored.body);
    const choose = seeded(cloud.length);
    const refused: string[] = [];
    for (let round = 0; round < 1_000; round += 1) {
      const spot = choose(text.length);
      const mutated = `${text.slice(0, spot)}${String.fromCharCode(32 + choose(95))}${text.slice(spot + 1)}`;
      const body = parsed(mutated);
      if (body === undefined || canonical(body) === text) continue;
      const one = copyOf(place);
      await forge(one, stored, body);
      const outcome = await planned(one);
      const read = Containment.safeParse(body).data;
      const whole = read !== undefined && sealedParts.every((part) => same(asJson(read[part]), asJson(genuine[part])));
      // what is not under the seal says who holds it and until when: it gives nothing back
      if (!whole) expect([mutated, outcome]).toEqual([mutated, expect.stringMatching(refusals)]);
      if (!whole) refused.push(outcome);
    }
    expect(refused.filter((outcome) => outcome === 'record-altered').length).toBeGreaterThan(300);
  });
});

describe('a run that somebody has altered in the store', () => {
  const at = lazily(() => contained('azure'));

  test('is not released when a record of its journal says something else, or is gone', async () => {
    const { store } = await at();
    const rows = store.all('journal');
    const broken: string[] = [];
    for (const row of rows) {
      const one = copyOf(await at());
      const text = canonical(row.body).replace('cordon-deny-22', 'cordon-deny-23');
      if (text === canonical(row.body)) continue;
      await forge(one, row, JSON.parse(text));
      broken.push(await released(one));
    }
    expect(new Set(broken)).toEqual(new Set(['journal-broken']));
    for (const row of rows.slice(0, -1)) {
      const one = copyOf(await at());
      await forge(one, { ...row, group: 'somewhere-else' }, row.body);
      expect(await released(one)).toBe('journal-broken');
    }
  });

  test('is not released when its plan was altered', async () => {
    const one = copyOf(await at());
    const { plan, digest } = await planOfRun(one);
    one.store.alter(digest, altered(plan, ['steps', 0, 'account'], '0a1b2c3d-0000-4000-8000-000000000002'));
    expect(await released(one)).toBe('evidence-altered');
  });

  test('is not released by a plan that was altered after it was agreed to', async () => {
    const one = copyOf(await at());
    const requester = { kind: 'person', id: 'maria' } as const;
    const wish = { requester, wants: 'enforce', reactivateCredentials: false } as const;
    const { digest: agreedDigest } = await previewRelease(one.deps, one.runId, wish, one.signal);
    const release = await openRelease(one.deps, one.runId, { ...wish, agreedDigest });
    const before = operations(one).length;
    const works: WorkTable = {
      ...one.engine.works,
      async contain(input, context) {
        const digest = String(own(input, 'plan'));
        const plan = asJson(await one.deps.evidence.get(digest));
        one.store.alter(digest, altered(plan, ['steps', 0, 'changes', 0, 'to'], wide));
        // another process: this one remembers the plan as it was
        return engineOf(one.deps).works['contain']?.(input, context) ?? null;
      },
    };
    const { result } = await carryOn({ ...one, engine: { ...one.engine, works } }, release);
    expect(result?.steps.map(({ outcome }) => outcome)).toContain('failed');
    expect(result?.steps.map(({ detail }) => detail).join()).toMatch(/was altered in the store/);
    expect(operations(one).length).toBe(before);
  });
});
