import { describe, expect, test } from 'vitest';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { unwrap } from '../../shared/ingest/message.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import { northwindSettings, writerPrincipal } from '../support/company.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { carryOn, nsgId, type Road, road, stateOf, takenBack } from '../support/road.ts';

const shipped = playbookSet(
  usable(await loadPlaybooks(['playbooks/nsg-opened.yaml', 'playbooks/storage-opened.yaml'])),
);
const requester = { kind: 'event', id: 'test' } as const;
const { azure } = northwindSettings();
const knowingItself = { azure: { ...azure, identities: [writerPrincipal] } };
const opened = readEvent('activity-log/security-rule-written');

/** The write that Cordon itself made, as Event Grid tells it. */
const ownWrite = (rule: string): JsonObject =>
  withMembers(opened, {
    'data.resourceUri': `${nsgId}/securityRules/${rule}`,
    'data.correlationId': `of-${rule}`,
    'data.claims': {
      'http://schemas.microsoft.com/identity/claims/objectidentifier': writerPrincipal,
      appid: '0a1b2c3d-0000-4000-8000-00000000ab02',
      idtyp: 'app',
    },
  });

/** Delivers an event, carries on what it opens, and says what became of it. */
async function delivered(one: Road, event: Json): Promise<readonly string[]> {
  const starter = { start: async () => undefined };
  const received = (
    await Promise.all(unwrap(event).map((each) => receive({ ...one.deps, starter }, shipped, each, requester)))
  ).flat();
  const all: string[] = [];
  for (const got of received) {
    if (got.kind !== 'opened') all.push(got.kind === 'skipped' ? got.reason : got.kind);
    else {
      if (got.fresh) await carryOn(one, got.runId);
      const { status, result } = await stateOf(one, got.runId);
      all.push(`${got.fresh ? 'run' : 'known'}: ${result?.outcome ?? status}`);
    }
  }
  return all;
}

/** What somebody writes into a rule of the group by hand. */
function setRule({ sandbox: { rows } }: Road, name: string, access: 'Allow' | 'Deny'): void {
  const row = rows.get(resources, nsgId.toLowerCase());
  if (!row) throw new TypeError('there is no such group');
  const rules = row.properties['securityRules'];
  if (!Array.isArray(rules)) throw new TypeError('the group has no rules');
  const changed = rules.map((rule: JsonObject) =>
    rule['name'] === name ? { ...rule, properties: { ...(rule['properties'] as JsonObject), access } } : rule,
  );
  rows.put(resources, nsgId.toLowerCase(), { ...row, properties: { ...row.properties, securityRules: changed } });
}

describe('a port that was opened', () => {
  test('is closed once, through whichever channels the change is told', async () => {
    const one = road(knowingItself);
    expect(await delivered(one, opened)).toEqual(['run: contained']);
    for (const form of ['cloudevent', 'event-hub', 'rest'])
      expect(await delivered(one, readEvent(`activity-log/security-rule-written-${form}`))).toEqual([
        'known: contained',
      ]);
  });

  test('stays closed without a loop: what Cordon writes is its own, and closed all the same', async () => {
    const knowing = road(knowingItself);
    await delivered(knowing, opened);
    expect(await delivered(knowing, ownWrite('cordon-deny-22'))).toEqual(['own-change']);
    const unknowing = road();
    await delivered(unknowing, opened);
    expect(await delivered(unknowing, ownWrite('cordon-deny-22'))).toEqual(['run: nothing-to-do']);
  });

  test('is not closed again by the release that opens it', async () => {
    const one = road(knowingItself);
    await delivered(one, opened);
    const [run] = await one.deps.records.list('run', '2026-11-20');
    await takenBack(one, run?.id ?? '');
    expect(await delivered(one, ownWrite('allow-ssh'))).toEqual(['own-change']);
  });

  test('is closed where the one who opens it gives both of his calls one correlation id', async () => {
    const one = road(knowingItself);
    setRule(one, 'allow-ssh', 'Deny');
    expect(await delivered(one, opened)).toEqual(['run: nothing-to-do']);
    setRule(one, 'allow-ssh', 'Allow');
    const later = '2026-11-20T09:03:00.000Z';
    expect(await delivered(one, withMembers(opened, { eventTime: later }))).toEqual(['run: contained']);
    expect(await delivered(one, withMembers(opened, { eventTime: later }))).toEqual(['known: nothing-to-do']);
    expect(await one.deps.records.list('run', '2026-11-20')).toHaveLength(2);
  });

  test('is looked at for every later change that has its id, and once for each', async () => {
    const one = road(knowingItself);
    setRule(one, 'allow-ssh', 'Deny');
    const at = (second: number) => withMembers(opened, { eventTime: `2026-11-20T09:04:${10 + second}.000Z` });
    for (let second = 0; second < 9; second += 1) {
      expect(await delivered(one, at(second))).toEqual(['run: nothing-to-do']);
      expect(await delivered(one, at(second))).toHaveLength(1);
    }
    expect(await one.deps.records.list('run', '2026-11-20')).toHaveLength(9);
    setRule(one, 'allow-ssh', 'Allow');
    expect(await delivered(one, at(20))).toEqual(['run: contained']);
    expect(await delivered(one, at(21))).toEqual(['known: contained']);
  });
});

describe('a storage account', () => {
  test('that a policy forbids is shut, and complies then', async () => {
    const one = road(knowingItself);
    const policy = readEvent('azure-policy/not-compliant');
    expect(await delivered(one, policy)).toEqual(['run: contained']);
    const complies = { 'data.complianceState': 'Compliant', 'data.timestamp': '2026-11-20T09:04:00Z' };
    expect(await delivered(one, withMembers(policy, complies))).toEqual(['archived-finding']);
  });

  test('that is open again after it has complied is shut again, however often there was nothing to do before', async () => {
    const one = road(knowingItself);
    const policy = readEvent('azure-policy/not-compliant');
    const account = String(policy['subject']);
    const at = (minute: number, complianceState: string) =>
      withMembers(policy, {
        'data.complianceState': complianceState,
        'data.timestamp': `2026-11-20T09:0${minute}:00Z`,
      });
    const letStrangersIn = (allowBlobPublicAccess: boolean): void => {
      const row = one.sandbox.rows.get(resources, account);
      if (!row) throw new TypeError('there is no such account');
      const properties = { ...row.properties, allowBlobPublicAccess };
      one.sandbox.rows.put(resources, account, { ...row, properties });
    };
    letStrangersIn(false);
    expect(await delivered(one, at(1, 'NonCompliant'))).toEqual(['run: nothing-to-do']);
    letStrangersIn(true);
    expect(await delivered(one, at(2, 'NonCompliant'))).toEqual(['run: contained']);
    expect(await delivered(one, at(3, 'Compliant'))).toEqual(['archived-finding']);
    letStrangersIn(true);
    expect(await delivered(one, at(4, 'NonCompliant'))).toEqual(['run: contained']);
  });

  test('that somebody wrote without saying what waits for a person', async () => {
    const one = road(knowingItself);
    expect(await delivered(one, readEvent('activity-log/storage-account-notified'))).toEqual(['run: waiting']);
  });
});
