import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { allActions } from '../../functions/wire.ts';
import { awsClouds } from '../../shared/adapters/aws/clouds.ts';
import { openSqlite } from '../../shared/adapters/sqlite/records.ts';
import { Json } from '../../shared/model/json.ts';
import { Playbook } from '../../shared/model/playbook.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import { spilling } from '../../shared/records/spill.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { receive } from '../../shared/run/receive.ts';
import { virtualClock } from '../../shared/sandbox/clock.ts';
import { identities, northwindSettings } from '../support/company.ts';
import { testSigner } from '../support/store.ts';

/**
 * Cordon on one machine as a process that is going to be killed: takes the events of a file, one after the other, and
 * carries their runs to the end. AWS is the sandbox, which lives in the process that kills.
 */
const [, , url = '', store = '', work = '', now = ''] = process.argv;
const { records, evidence } = openSqlite(store, { token: randomUUID });
const { playbook, events } = JSON.parse(readFileSync(work, 'utf8')) as { playbook: unknown; events: unknown[] }; // written by the test
const settings = northwindSettings({ accountPerHour: 1_000 });
const clock = virtualClock(now);
const credentials = async () => identities.aws;
const clouds = awsClouds({ settings, clock, credentials, homeRegion: 'eu-west-1', endpoint: url });
const deps = {
  records: spilling(records, evidence),
  ...{ evidence, clock, clouds, settings },
  actions: allActions,
  signer: testSigner,
  notifier: silentNotifier,
};
const engine = engineOf(deps);
const signal = new AbortController().signal;
const started = new Set<string>();
const starter = { start: async (runId: string) => void started.add(runId) };

for (const event of events) {
  await receive({ ...deps, starter }, playbookSet([Playbook.parse(playbook)]), Json.parse(event), {
    kind: 'event',
    id: 'queue',
  });
  for (const runId of started) await carryOn(engine, runId, { signal, until: farOff });
  started.clear();
}
process.stdout.write('done');
