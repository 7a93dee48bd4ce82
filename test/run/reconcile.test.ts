import { describe, expect, it } from 'vitest';
import { grantDeclared } from '../../functions/local/rights.ts';
import { activeFindings } from '../../functions/wire.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { Notice as NoticeSchema } from '../../shared/model/notice.ts';
import { later } from '../../shared/model/duration.ts';
import type { Channel } from '../../shared/ports/notifier.ts';
import { noteVersion } from '../../shared/records/findings.ts';
import { messages } from '../../shared/records/outbox.ts';
import { reconcile } from '../../shared/run/reconcile.ts';
import { addAlert } from '../../shared/sandbox/azure/defender-alerts.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { own } from '../../shared/model/json.ts';
import { company, identities, northwindSettings, production, subscription } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';

const channel: Channel = { name: 'desk', send: async () => '' };
const notifier = { channels: [channel], channelsFor: () => [channel] };
const signal = new AbortController().signal;
const [only] = Object.entries(northwindSettings().aws.accounts).filter(([account]) => account === production);

/** Northwind's production account and one subscription, compared once already, so that a window is open. */
async function begun() {
  const { aws, azure } = northwindSettings();
  const one = company({
    aws: { ...aws, accounts: Object.fromEntries(only ? [only] : []), regions: ['eu-west-1', 'us-east-1'] },
    azure: { ...azure, subscriptions: [subscription] },
  });
  await grantDeclared(one.sandbox, {}, one.settings, identities);
  const { clock } = one.sandbox;
  const deps = { ...one.deps, notifier, active: activeFindings(one.clouds), homeRegion: 'eu-west-1' };
  const look = () => reconcile(deps, signal);
  expect((await look()).flatMap(({ problems }) => problems)).toEqual([]);
  /** Passes so many minutes. */
  const pass = (minutes: number) => clock.moveTo(later(clock.now(), minutes * 60));
  const told = async (): Promise<readonly Notice[]> =>
    (await messages(deps, 'waiting')).map(({ body }) => NoticeSchema.parse(body));
  return { ...one, deps, look, pass, told };
}
type Begun = Awaited<ReturnType<typeof begun>>;

/** GuardDuty finds something now. */
function found({ sandbox }: Begun, number: number, more: Readonly<Record<string, Json>> = {}): JsonObject {
  const id = `c${String(number).padStart(31, '0')}`;
  const arn = `arn:aws:guardduty:eu-west-1:${production}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/${id}`;
  const now = sandbox.clock.now();
  const event = withMembers(readEvent('guardduty/leaked-access-key'), {
    ...{ 'detail.id': id, 'detail.arn': arn, 'detail.createdAt': now, 'detail.updatedAt': now },
    ...more,
  });
  addFinding(sandbox.rows, own(event, 'detail') as JsonObject); // a GuardDuty event has a detail
  return event;
}

/** Defender raises an alert now. */
function raised({ sandbox }: Begun, name: string, more: JsonObject = {}): void {
  addAlert(sandbox.rows, {
    id: `/subscriptions/${subscription}/providers/Microsoft.Security/locations/westeurope/alerts/${name}`,
    name,
    properties: {
      ...{
        alertType: 'VM_SshBruteForceSuccess',
        systemAlertId: name,
        alertDisplayName: 'Brute force',
        severity: 'High',
      },
      ...{ status: 'Active', timeGeneratedUtc: sandbox.clock.now(), entities: [] },
      resourceIdentifiers: [
        {
          type: 'AzureResource',
          azureResourceId: `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-1`,
        },
      ],
      ...more,
    },
  });
}

const missedIn = (all: Awaited<ReturnType<Begun['look']>>) => all.flatMap(({ missed }) => missed.map(({ id }) => id));

describe('the comparison with what the providers hold', () => {
  it('tells what never arrived where a rule or an export was deleted, and does nothing about it', async () => {
    const one = await begun();
    one.pass(5);
    found(one, 1);
    raised(one, 'alert-1');
    one.pass(90);
    expect(missedIn(await one.look()).sort()).toEqual(['alert-1', 'c0000000000000000000000000000001']);
    const notices = await one.told();
    expect(notices.map(({ kind, page }) => [kind, page])).toEqual([
      ['missed-findings', true],
      ['missed-findings', true],
    ]);
    expect(notices.map(({ detail }) => detail).join()).toMatch(
      /1 active finding of aws 111122223333 never arrived.*c0{30}1/,
    );
    expect(await one.deps.records.list('run', one.sandbox.clock.now().slice(0, 10))).toEqual([]);
  });

  it('tells nothing where all has arrived, and nothing of samples, of what is archived, and of what may still come', async () => {
    const one = await begun();
    one.pass(5);
    await noteVersion(one.deps.records, findingIn(found(one, 1)));
    found(one, 2, { 'detail.service.additionalInfo': { type: 'default', value: '{"sample":true}' } });
    found(one, 3, { 'detail.service.archived': true });
    raised(one, 'dismissed', { status: 'Dismissed' });
    raised(one, 'sample', { alertDisplayName: '[SAMPLE ALERT] Brute force' });
    one.pass(90);
    found(one, 4);
    expect(missedIn(await one.look())).toEqual([]);
    expect(await one.told()).toEqual([]);
    one.pass(90);
    expect(missedIn(await one.look())).toEqual(['c0000000000000000000000000000004']);
  });

  it('does not miss what was there before the first comparison', async () => {
    const one = await begun();
    found(one, 1, { 'detail.createdAt': later(one.sandbox.clock.now(), -7_200) });
    one.pass(90);
    expect(missedIn(await one.look())).toEqual([]);
  });

  it('finds each once, and tells an account once a day, with those that were found meanwhile', async () => {
    const one = await begun();
    for (const number of [1, 2, 3]) {
      one.pass(5);
      found(one, number);
      one.pass(90);
      expect(missedIn(await one.look())).toHaveLength(1);
    }
    expect((await one.told()).map(({ detail }) => detail)).toEqual([expect.stringMatching(/^1 active finding /)]);
    one.pass(24 * 60);
    expect(missedIn(await one.look())).toEqual([]);
    expect((await one.told()).map(({ detail }) => detail.slice(0, 17)).sort()).toEqual([
      '1 active finding ',
      '2 active findings',
    ]);
  });

  it('does not tell what has arrived late, before its turn to be told', async () => {
    const one = await begun();
    const event = await (async () => {
      one.pass(5);
      found(one, 1);
      one.pass(90);
      await one.look();
      one.pass(5);
      const late = found(one, 2);
      one.pass(90);
      await one.look();
      return late;
    })();
    await noteVersion(one.deps.records, findingIn(event));
    one.pass(24 * 60);
    await one.look();
    expect(await one.told()).toHaveLength(1);
  });

  it('looks into an account once an hour', async () => {
    const one = await begun();
    const before = one.sandbox.recorder.calls.length;
    one.pass(10);
    expect(await one.look()).toEqual([]);
    expect(one.sandbox.recorder.calls).toHaveLength(before);
  });

  it.each([
    ['throttles', { kind: 'throttle' } as const],
    ['refuses', { kind: 'error', code: 'AccessDeniedException', status: 403 } as const],
  ])('tells where a provider %s it, goes on with the others, and looks at the whole time again', async (_, fault) => {
    const one = await begun();
    one.pass(5);
    found(one, 1);
    raised(one, 'alert-1');
    one.pass(90);
    one.sandbox.faults.plant({ operation: 'guardduty:ListFindings', fault });
    const looked = await one.look();
    expect(missedIn(looked)).toEqual(['alert-1']);
    expect(looked.filter(({ problems }) => problems.length > 0).map(({ account }) => account)).toEqual([production]);
    const kinds = async () => (await one.told()).map(({ kind }) => kind).sort();
    expect(await kinds()).toEqual(['missed-findings', 'not-reconciled']);
    one.sandbox.faults.clear();
    one.pass(90);
    expect(missedIn(await one.look())).toEqual(['c0000000000000000000000000000001']);
  });

  it('says that no region is known, where neither the settings nor the home has one', async () => {
    const one = company();
    const deps = { ...one.deps, notifier, active: activeFindings(one.clouds), homeRegion: '' };
    const looked = await reconcile(deps, signal);
    expect(looked.filter(({ cloud }) => cloud === 'aws').flatMap(({ problems }) => problems)[0]).toMatch(
      /aws\.regions/,
    );
  });
});
