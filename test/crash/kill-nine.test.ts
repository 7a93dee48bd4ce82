import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import { openSqlite } from '../../shared/adapters/sqlite/records.ts';
import { later } from '../../shared/model/duration.ts';
import type { Json } from '../../shared/model/json.ts';
import { RunState } from '../../shared/model/run.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { accessKeys, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { listen } from '../../shared/sandbox/mount.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { northwindSandbox } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { disableKey } from '../support/road.ts';
import { counted } from '../support/store.ts';

const entry = fileURLToPath(new URL('mortal.ts', import.meta.url));
const runsInOne = 6;
const day = '2026-11-20';
/** How many processes are killed: some with every `npm test`; `npm run crash` has 200. */
const kills = Number(process.env['CORDON_KILLS'] ?? 4);
const seed = Number(process.env['CORDON_SEED'] ?? randomInt(2 ** 31));

/** The same numbers for the same seed (Mulberry32). */
function seeded(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Keys that leak one after the other, each of a user of its own. */
function leaks(sandbox: Sandbox): readonly Json[] {
  const key = sandbox.rows.get(accessKeys, 'AKIACIDEPLOY00000001');
  const [userKey, user] = sandbox.rows.all(users).find(([, { name }]) => name === 'ci-deploy') ?? [];
  if (!key || !user || userKey === undefined) throw new TypeError('the estate has no ci-deploy');
  return Array.from({ length: runsInOne }, (_, at) => {
    const userName = `ci-${at}`;
    const accessKeyId = `AKIAMORTAL${String(at).padStart(10, '0')}`;
    sandbox.rows.put(users, userKey.replace('ci-deploy', userName), {
      ...user,
      name: userName,
      arn: user.arn.replace('ci-deploy', userName),
    });
    sandbox.rows.put(accessKeys, accessKeyId, { ...key, userName, accessKeyId });
    const event = withMembers(readEvent('guardduty/leaked-access-key'), {
      'detail.id': String(at).padStart(32, 'c'),
      'detail.resource.accessKeyDetails.accessKeyId': accessKeyId,
      'detail.resource.accessKeyDetails.userName': userName,
    });
    makeKnown(sandbox, findingIn(event), event);
    return event;
  });
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-kill-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Lives processes over one store and one cloud until the work is done; answers how many were killed on the way. */
async function killedUntilDone(name: string, random: () => number, most: number): Promise<number> {
  const sandbox = northwindSandbox();
  const events = leaks(sandbox);
  const [store, work] = [join(folder, `${name}.db`), join(folder, `${name}.json`)];
  await writeFile(work, JSON.stringify({ playbook: disableKey('', 'limits: { perHour: 1000 }'), events }));
  let [killed, done] = [0, false];
  let strikes: ((call: number) => Promise<boolean>) | undefined;
  let calls = 0;
  const server = await listen(async (request) => {
    calls += 1;
    if (strikes && (await strikes(calls))) throw new Error('killed');
    return sandbox.handle(request);
  });
  while (!done) {
    const now = later(sandbox.clock.now(), 120 * killed);
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      entry,
      server.url,
      store,
      work,
      now,
    ]);
    const output: string[] = [];
    child.stdout.on('data', (text) => output.push(String(text)));
    child.stderr.on('data', (text) => output.push(String(text)));
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    calls = 0;
    const fatal = killed < most ? 1 + Math.floor(random() * 14) : Number.POSITIVE_INFINITY;
    const after = random() < 0.5;
    strikes = async (call) => {
      if (call !== fatal) return call > fatal;
      if (!after)
        child.kill('SIGKILL'); // before the effect; else the effect happens and nobody hears of it
      else queueMicrotask(() => child.kill('SIGKILL'));
      return !after;
    };
    await exit;
    done = child.signalCode === null;
    if (done) expect(output.join('')).toBe('done');
    else killed += 1;
  }
  await server.close();
  const { records, close } = openSqlite(store, counted('check'));
  const runs = (await records.list('run', day)).map(({ body }) => RunState.parse(body));
  expect(runs.map(({ status, result }) => [status, result?.outcome])).toEqual(
    Array.from({ length: runsInOne }, () => ['ended', 'contained']),
  );
  for (const { order } of runs) await readJournal(records, order.id);
  const made = sandbox.recorder.calls.filter(({ operation, error }) => operation === 'iam:UpdateAccessKey' && !error);
  expect(made).toHaveLength(runsInOne);
  expect(await records.list('containment', 'held')).toHaveLength(runsInOne);
  for (const [id, { status, userName }] of sandbox.rows.all(accessKeys))
    if (userName.startsWith('ci-') && userName !== 'ci-deploy') expect([id, status]).toEqual([id, 'Inactive']);
  close();
  return killed;
}

test(`processes that are killed at any instant lose nothing and do nothing twice (seed ${seed})`, {
  timeout: 60_000 + kills * 10_000,
}, async () => {
  const random = seeded(seed);
  for (let [round, killed] = [0, 0]; killed < kills; round += 1)
    killed += await killedUntilDone(`round-${round}`, random, Math.min(24, kills - killed));
});
