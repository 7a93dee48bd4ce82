import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { grantDeclared } from '../../functions/local/rights.ts';
import { activeFindings } from '../../functions/wire.ts';
import { mostHubFindings } from '../../shared/adapters/aws/active-hub-findings.ts';
import { later } from '../../shared/model/duration.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { own } from '../../shared/model/json.ts';
import { Notice } from '../../shared/model/notice.ts';
import type { Channel } from '../../shared/ports/notifier.ts';
import { keepers } from '../../shared/ports/active-findings.ts';
import { noteVersion } from '../../shared/records/findings.ts';
import { messages } from '../../shared/records/outbox.ts';
import { reconcile } from '../../shared/run/reconcile.ts';
import { type HubFindingDraft, hubs, putHubFinding } from '../../shared/sandbox/aws/securityhub-rows.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { company, identities, northwindSettings, production } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';

const eu = { account: production, region: 'eu-west-1' };
const us = { account: production, region: 'us-east-1' };
const channel: Channel = { name: 'desk', send: async () => '' };
const notifier = { channels: [channel], channelsFor: () => [channel] };
const { signal } = new AbortController();

/** Northwind's production account with two hubs, compared once already, so that a window is open. */
async function begun() {
  const { aws, azure } = northwindSettings();
  const accounts = Object.fromEntries(Object.entries(aws.accounts).filter(([account]) => account === production));
  const one = company({
    aws: { ...aws, accounts, regions: ['eu-west-1', 'us-east-1'] },
    azure: { ...azure, subscriptions: [] },
  });
  const { clock, rows } = one.sandbox;
  for (const hub of [eu, us]) rows.put(hubs, `${hub.account}/${hub.region}`, hub);
  await grantDeclared(one.sandbox, {}, one.settings, identities);
  const deps = { ...one.deps, notifier, active: activeFindings(one.clouds), homeRegion: 'eu-west-1' };
  const look = () => reconcile(deps, signal);
  const pass = (minutes: number) => clock.moveTo(later(clock.now(), minutes * 60));
  const missed = async () => {
    const looked = await look();
    expect(looked.flatMap(({ problems }) => problems)).toEqual([]);
    return looked.flatMap((each) => each.missed.map(({ provider, id }) => `${provider} ${id}`));
  };
  expect((await look()).flatMap(({ problems }) => problems)).toEqual([]);
  pass(5);
  return { ...one, deps, look, pass, missed };
}
type Begun = Awaited<ReturnType<typeof begun>>;

/** A finding of Security Hub as one of its events tells it, made now. */
function eventOf({ sandbox }: Begun, name: string, at = 0, changed: Readonly<Record<string, Json>> = {}): JsonObject {
  const now = sandbox.clock.now();
  const root = `detail.findings.${at}`;
  const members = Object.entries(changed).map(([path, value]) => [`${root}.${path}`, value] as const);
  return withMembers(readEvent(`security-hub/${name}`), {
    ...{ [`${root}.CreatedAt`]: now, [`${root}.UpdatedAt`]: now },
    ...Object.fromEntries(members),
  });
}
const draftIn = (event: JsonObject, at = 0): HubFindingDraft =>
  (own(own(event, 'detail'), 'findings') as readonly HubFindingDraft[])[at] as HubFindingDraft; // fixtures have findings

/** A hub holds a finding whose event never came. */
function kept(one: Begun, name: string, at = 0, changed: Readonly<Record<string, Json>> = {}, hub = eu): JsonObject {
  const event = eventOf(one, name, at, changed);
  putHubFinding(one.sandbox.rows, hub, draftIn(event, at));
  return event;
}

/** GuardDuty holds a finding, made now, whose event never came. */
function keptByGuardDuty({ sandbox }: Begun): void {
  const now = sandbox.clock.now();
  const event = withMembers(readEvent('guardduty/leaked-access-key'), {
    ...{ 'detail.createdAt': now, 'detail.updatedAt': now },
  });
  addFinding(sandbox.rows, own(event, 'detail') as JsonObject); // a GuardDuty event has a detail
}

const check =
  'security-hub arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/3f1a2b4c-5d6e-4f70-8192-a3b4c5d6e7f8';

describe('the comparison with what Security Hub holds', () => {
  it('tells its own findings and those of other products that never arrived, each under its own name', async () => {
    const one = await begun();
    kept(one, 'public-bucket');
    kept(one, 'other-product');
    for (const at of [0, 1, 2]) kept(one, 'copies', at);
    one.pass(90);
    expect((await one.missed()).sort()).toEqual([
      'access-analyzer 7f0e1d2c-3b4a-4958-8676-a5b4c3d2e1f0',
      'inspector arn:aws:inspector2:eu-west-1:111122223333:finding/0a1b2c3d4e5f60718293a4b5c6d7e8f9',
      'macie 80cc87a9f1b24e6d8a7b6c5d4e3f2a1b',
      check,
      'security-hub decoy-20261120-0001',
    ]);
    expect(await one.missed()).toEqual([]);
  });

  it('counts a finding of GuardDuty once, whose copy it has too', async () => {
    const one = await begun();
    kept(one, 'guardduty-leaked-access-key');
    keptByGuardDuty(one);
    one.pass(90);
    expect(await one.missed()).toEqual(['guardduty a1c9f0e2b7d84d3693c5e6f708192a01']);
  });

  it('counts a finding once that another Region gathers', async () => {
    const one = await begun();
    kept(one, 'public-bucket');
    kept(one, 'public-bucket', 0, {}, us);
    one.pass(90);
    expect(await one.missed()).toEqual([check]);
  });

  it('tells nothing of what has arrived by whatever way', async () => {
    const one = await begun();
    await noteVersion(one.deps.records, findingIn(kept(one, 'public-bucket')));
    one.pass(90);
    expect(await one.missed()).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, Json>>]>([
    ['is archived', { RecordState: 'ARCHIVED' }],
    ['is suppressed', { Workflow: { Status: 'SUPPRESSED' } }],
    ['is resolved', { Workflow: { Status: 'RESOLVED' } }],
    ['is a check that was passed', { 'Compliance.Status': 'PASSED' }],
    ['is a check that could not be made', { 'Compliance.Status': 'NOT_AVAILABLE' }],
    ['is a sample', { Sample: true }],
    ['is of another account', { AwsAccountId: '444455556666' }],
    ['was there before the first comparison', { CreatedAt: '2026-11-20T08:00:00.000Z' }],
  ])('tells nothing of what %s', async (_, changed) => {
    const one = await begun();
    kept(one, 'public-bucket', 0, changed);
    one.pass(90);
    expect(await one.missed()).toEqual([]);
  });

  it('has nothing to compare where it is not enabled', async () => {
    const one = await begun();
    for (const [key] of one.sandbox.rows.all(hubs)) one.sandbox.rows.delete(hubs, key);
    one.pass(90);
    expect((await one.look()).map(({ missed, problems }) => [missed, problems])).toEqual([[[], []]]);
  });

  it('is no reason to leave out GuardDuty where it refuses, and is asked for the whole time again', async () => {
    const one = await begun();
    kept(one, 'public-bucket');
    keptByGuardDuty(one);
    one.pass(90);
    const fault = { kind: 'error', code: 'AccessDeniedException', status: 403 } as const;
    one.sandbox.faults.plant({ operation: 'securityhub:GetFindings', fault });
    const [looked] = await one.look();
    expect(looked?.missed.map(({ provider }) => provider)).toEqual(['guardduty']);
    expect(looked?.problems[0]).toMatch(/^security-hub in eu-west-1: .*AccessDenied/);
    one.sandbox.faults.clear();
    one.pass(90);
    expect(await one.missed()).toEqual([check]);
  });

  it('reads so many and no more, and says so', async () => {
    const one = await begun();
    for (let number = 0; number <= mostHubFindings; number += 1)
      kept(one, 'public-bucket', 0, { Id: `check-${String(number).padStart(5, '0')}` });
    one.pass(90);
    const [looked] = await one.look();
    expect(looked?.missed).toHaveLength(mostHubFindings);
    expect(looked?.problems).toEqual([expect.stringContaining('security-hub in eu-west-1 told of more than the 3000')]);
    const notices = (await messages(one.deps, 'waiting')).map(({ body }) => Notice.parse(body));
    expect(notices.map(({ kind }) => kind).sort()).toEqual(['missed-findings', 'not-reconciled']);
    one.pass(90);
    expect((await one.look()).flatMap(({ problems }) => problems)).toEqual([]);
  });
});

describe('what is compared on AWS', () => {
  it.each(['event-patterns.yml', 'forwarder.yml'])('is what the rules listen to: %s', (file) => {
    const rules = readFileSync(new URL(`../../functions/aws/deploy/${file}`, import.meta.url), 'utf8');
    const heard = { guardduty: 'GuardDuty Finding', 'security-hub': 'Security Hub Findings - Imported' };
    expect(Object.keys(heard).sort()).toEqual([...keepers.aws].sort());
    for (const detailType of Object.values(heard)) expect(rules).toMatch(new RegExp(`detail-type: \\[${detailType}`));
  });
});
