import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { examineAccount } from '../../functions/doctor/aws/account.ts';
import { reads } from '../../functions/doctor/aws/reads.ts';
import { examineSubscription } from '../../functions/doctor/azure/subscription.ts';
import { examine, type Patient } from '../../functions/doctor/doctor.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { needsOf } from '../../functions/doctor/needs.ts';
import { patienceWithin } from '../../functions/doctor/patience.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { grantPrincipal, grantRole } from '../../functions/local/rights.ts';
import { sandboxClouds } from '../../functions/local/wire.ts';
import { openHome } from '../../functions/environment.ts';
import { allActions } from '../../functions/wire.ts';
import { fromEnvironment, secretsBy } from '../../shared/adapters/system/secrets.ts';
import { Settings } from '../../shared/config/settings.ts';
import { checkRights } from '../../shared/policy/check-rights.ts';
import type { Grant } from '../../shared/policy/grants.ts';
import { detectors } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { eventRules, ruleArn } from '../../shared/sandbox/aws/event-rules.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { hubKey, hubs } from '../../shared/sandbox/aws/securityhub-rows.ts';
import { defenderSetups } from '../../shared/sandbox/azure/defender-plans.ts';
import {
  type Company,
  company,
  development,
  identities,
  northwindSettings,
  production,
  readerPrincipal,
  security,
  subscription,
  writerPrincipal,
} from '../support/company.ts';
import { heard } from '../support/console.ts';
import { commanded } from '../support/cordon-command.ts';

const playbooks = usable(await loadPlaybooks(['playbooks']));
const needs = await needsOf(playbooks, allActions, northwindSettings());
const everywhere = (names: readonly string[]): Grant[] => names.map((allow) => ({ allow, on: '*' }));
const [first] = northwindSettings().azure.subscriptions;

const people = Settings.parse({
  people: [
    { id: 'erik', roles: ['approver'], groups: playbooksGroups() },
    { id: 'astrid', roles: ['approver'], groups: playbooksGroups() },
  ],
}).people;

/** Whom the shipped playbooks ask. */
function playbooksGroups(): string[] {
  return [...new Set(JSON.stringify(playbooks).matchAll(/"by":\[([^\]]*)\]/g))].flatMap(([, names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
  );
}

const changed: Partial<Settings> = {
  ...Settings.parse({
    people,
    protectedPrincipals: [`arn:aws:iam::${production}:user/break-glass`],
    channels: [{ kind: 'slack', name: 'on-call', channel: 'C0123456789', token: 'env:SLACK_TOKEN' }],
  }),
  ...(({ stage, stages, aws, azure }) => ({
    ...{ stage, stages },
    aws: { ...aws, homePrincipals: [`arn:aws:iam::${security}:user/cordon-home`], regions: ['eu-west-1'] },
    azure: { ...azure, subscriptions: [subscription], identities: [readerPrincipal, writerPrincipal] },
  }))(northwindSettings()),
};

type Without = { readonly read?: string; readonly write?: string };
const but = (grants: readonly Grant[], right?: string): Grant[] => grants.filter(({ allow }) => allow !== right);

const grantAws = ({ sandbox }: Company, account: string, { read, write }: Without = {}): void => {
  const values = { partition: 'aws', account };
  grantRole(
    sandbox,
    account,
    'CordonReader',
    but([...everywhere(needs.aws.read), ...checkRights.aws.read], read),
    values,
  );
  grantRole(sandbox, account, 'CordonWriter', but(everywhere(needs.aws.write), write), values);
};
const grantAzure = ({ sandbox }: Company, { read, write }: Without = {}): void => {
  const { azure } = checkRights;
  grantPrincipal(sandbox, readerPrincipal, but([...everywhere(needs.azure.read), ...azure.read], read), {});
  grantPrincipal(sandbox, writerPrincipal, but([...everywhere(needs.azure.write), ...azure.write], write), {});
};

/** A company where nothing is missing. */
function wellSetUp(more: Partial<Settings> = {}): Company {
  const one = company({ ...changed, ...more });
  for (const account of [production, development, security]) {
    grantAws(one, account);
    const region = 'eu-west-1';
    one.sandbox.rows.put(detectors, `detector-of-${account}`, { account, region });
    one.sandbox.rows.put(hubs, hubKey({ account, region }), { account, region });
  }
  for (const id of [production, development])
    for (const name of ['findings', 'calls', 'tampering']) {
      const place = { partition: 'aws', account: id, region: 'eu-west-1' };
      one.sandbox.rows.put(eventRules, ruleArn(place, `cordon-forward-${name}`), { enabled: true, targets: [homeBus] });
    }
  one.sandbox.rows.put(defenderSetups, subscription, {
    plans: { VirtualMachines: { extensions: {} } },
    exports: { cordon: true },
  });
  grantAzure(one);
  return one;
}

const regions = ['eu-west-1'] as const;
const patientIn = ({ deps, clouds, sandbox, settings }: Company, environment = { SLACK_TOKEN: 'x' }): Patient => ({
  ...{ settings, playbooks, clouds, regions },
  ...{ actions: deps.actions, records: deps.records, clock: sandbox.clock },
  secrets: secretsBy({ env: fromEnvironment(environment) }, sandbox.clock),
  signingKeys: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  writers: 'here',
});

/** Home is the security account; its bus takes what the others forward. */
const homeBus = `arn:aws:events:eu-west-1:${security}:event-bus/cordon-production`;

const account = (one: Company, id = production, needed = needs.aws.read): Promise<readonly Examined[]> =>
  examineAccount({ ...one, account: id, regions, needed, patience: patienceWithin(), homeBus, writer: { at: 'here' } });
const azure = (one: Company): Promise<readonly Examined[]> =>
  examineSubscription({ ...one, subscription, needed: needs.azure, patience: patienceWithin() });
const wrong = (all: readonly Examined[]): readonly Examined[] => all.filter(({ mark }) => mark !== 'ok');
const changes = ({ sandbox }: Company) =>
  sandbox.recorder.calls.filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole');

describe('the start of a deployment', () => {
  const lines = heard();

  it('warns where a stage that changes things protects no way in, and goes on', async () => {
    const environment = { CORDON_PLAYBOOKS: '[]', CORDON_RECORDS: 'sqlite::memory:', CORDON_STAGE: 'production' };
    const start = (settings: object) =>
      openHome({ ...environment, CORDON_SETTINGS: JSON.stringify(settings) }, '.').then(
        ({ settings: { stage } }) => stage,
      );
    expect(await start({ protectedPrincipals: ['arn:aws:iam::111122223333:user/break-glass'] })).toBe('production');
    expect(lines.join()).not.toContain('break-glass');
    expect(await start({})).toBe('production');
    expect(lines.join()).toMatch(/"level":"warn","message":"no break-glass principal is protected/);
  });
});

describe('cordon doctor at the command line', () => {
  it('examines the sandbox company too: lines for people or data, and 1 where something is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { code, out } = await commanded(folder, ['doctor', '--json', '--region', 'eu-west-1']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toContainEqual({
      part: `aws ${production}`,
      mark: 'ok',
      what: 'CordonReader can be assumed',
    });
    const { out: text } = await commanded(folder, ['doctor']);
    expect(text).toMatch(/✓ CordonReader can be assumed/);
    expect(text).toMatch(/✗ .*no channel to ask through\n\s+Add one/);
    expect(text).toMatch(/\d+ good, \d+ to look at, \d+ missing\.\n$/);
    expect((await commanded(folder, ['doctor', '--region', 'mars'])).code).toBe(3);
  });
});

describe('cordon doctor', () => {
  it('finds nothing to say of a deployment with exactly the rights it needs, but that no event has come yet', async () => {
    const one = wellSetUp();
    expect(first).toBe(subscription);
    const heard: string[] = [];
    const all = await examine(patientIn(one), (about, at, of) => void heard.push(`${at}/${of} ${about}`));
    expect(wrong(all).map(({ part, what }) => `${part}: ${what}`)).toEqual([
      'events: guardduty: no finding has opened a run in 14 days',
      'events: defender: no finding has opened a run in 14 days',
    ]);
    expect(all.length).toBeGreaterThan(20);
    expect(heard.at(-1)).toBe('7/7 events');
    expect(changes(one)).toEqual([]);
  });

  it('knows a harmless read for every right that a shipped playbook reads with', () => {
    expect(needs.aws.read.filter((right) => !Object.hasOwn(reads, right))).toEqual([]);
  });

  it.each(checkRights.aws.read.map(({ allow }) => allow))('says what it could not see without %s', async (right) => {
    const one = wellSetUp();
    grantAws(one, production, { read: right });
    const found = wrong(await account(one));
    expect(found.at(-1)).toMatchObject({ mark: 'warning', right });
    expect(new Set(found.map((line) => line.right))).toEqual(new Set([right])); // a playbook may need it too
  });

  it.each(needs.azure.write)('names %s where the writer of Azure lacks it', async (right) => {
    const one = wellSetUp();
    grantAzure(one, { write: right });
    expect(wrong(await azure(one))).toMatchObject([{ mark: 'missing', right }]);
  });

  it('tells a wrong external id, a role that is not there and an account that is not Cordon’s', async () => {
    const one = wellSetUp();
    const { aws } = one.settings;
    const settings = { ...one.settings, aws: { ...aws, readerRole: 'NoSuchRole' } };
    const other = company(settings);
    expect(wrong(await account(other))).toMatchObject([
      { mark: 'missing', what: expect.stringMatching(/NoSuchRole cannot be assumed/) },
    ]);
    const key = `${development}/CordonWriter`;
    const role = one.sandbox.rows.get(roles, key);
    if (!role) throw new Error('no such role');
    one.sandbox.rows.put(roles, key, { ...role, trust: role.trust.replace('northwind-cordon', 'somebody-else') });
    expect(wrong(await account(one, development))).toMatchObject([
      {
        mark: 'missing',
        what: expect.stringMatching(/CordonWriter cannot be assumed.*not authorized to perform: sts:AssumeRole/),
      },
    ]);
  });

  it('tells a forwarder that is not there, is off or sends elsewhere, and asks for none at home', async () => {
    const one = wellSetUp();
    const { rows } = one.sandbox;
    const rule = (name: string) => ruleArn({ partition: 'aws', account: production, region: 'eu-west-1' }, name);
    rows.delete(eventRules, rule('cordon-forward-findings'));
    rows.put(eventRules, rule('cordon-forward-calls'), { enabled: false, targets: [homeBus] });
    rows.put(eventRules, rule('cordon-forward-tampering'), { enabled: true, targets: [`${homeBus}-old`] });
    expect(wrong(await account(one))).toMatchObject([
      {
        mark: 'missing',
        what: 'events of eu-west-1 do not reach home: cordon-forward-findings is not there, cordon-forward-calls is switched off, cordon-forward-tampering leads somewhere else',
        remedy: expect.stringContaining('forwarder.yml'),
      },
    ]);
    expect(wrong(await account(one, security))).toEqual([]);
  });

  it('warns where no region is named in which findings are compared with those that arrived', async () => {
    const one = wellSetUp();
    const settings = { ...one.settings, aws: { ...one.settings.aws, regions: [] } };
    expect(wrong(await examine(patientIn({ ...one, settings })))).toContainEqual(
      expect.objectContaining({ mark: 'warning', what: expect.stringContaining('aws.regions is empty') }),
    );
  });

  it('is glad of a writer out of reach in staging, and not of one within', async () => {
    const reachable = wellSetUp({ stage: 'staging' });
    expect(wrong(await account(reachable))).toMatchObject([
      { mark: 'missing', what: expect.stringMatching(/CordonWriter can be assumed, though stage staging/) },
    ]);
    const staging = wellSetUp({ stage: 'staging' });
    const key = `${production}/CordonWriter`;
    const role = staging.sandbox.rows.get(roles, key);
    if (!role) throw new Error('no such role');
    staging.sandbox.rows.put(roles, key, { ...role, trust: role.trust.replace('cordon-home', 'cordon-enforcer') });
    expect(wrong(await account(staging))).toEqual([]);
  });

  it('is glad of an Azure in staging where nobody may write, and not of a writer, or of a reader that may', async () => {
    const staging = wellSetUp({ stage: 'staging' });
    expect(wrong(await azure(staging))).toMatchObject([
      { mark: 'missing', what: expect.stringMatching(/there is a writer, though/) },
    ]);
    const { sandbox, settings } = staging;
    const clouds = sandboxClouds(sandbox, settings, { ...identities, azure: { reader: readerPrincipal } });
    expect(wrong(await azure({ ...staging, clouds }))).toEqual([]);
    const right = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
    const grants = [...everywhere([...needs.azure.read, right]), ...checkRights.azure.read];
    grantPrincipal(sandbox, readerPrincipal, grants, {});
    expect(wrong(await azure({ ...staging, clouds }))).toMatchObject([{ mark: 'missing', right }]);
  });

  it('tells sources that are switched off', async () => {
    const one = wellSetUp();
    const { rows } = one.sandbox;
    rows.put(detectors, `detector-of-${production}`, { account: production, region: 'eu-west-1', suspended: true });
    for (const [id, row] of rows.all(detectors))
      if (row.account === production && id !== `detector-of-${production}`) rows.delete(detectors, id);
    rows.delete(hubs, hubKey({ account: production, region: 'eu-west-1' }));
    rows.put(defenderSetups, subscription, { plans: {}, exports: { cordon: false } });
    expect(wrong(await account(one)).map(({ mark, what }) => `${mark}: ${what}`)).toEqual([
      'missing: GuardDuty is suspended in eu-west-1',
      'warning: Security Hub is not enabled in eu-west-1',
    ]);
    expect(wrong(await azure(one)).map(({ what }) => what)).toEqual([
      'no plan of Defender for Cloud is on: there will be no alerts',
      'no continuous export is on: alerts do not leave Defender for Cloud',
    ]);
  });

  it('tells settings that cannot work together, and secrets that are not there', async () => {
    const one = wellSetUp({ protectedPrincipals: [], people: [], channels: [] });
    const parts = wrong(await examine(patientIn(one))).filter(({ part }) => part === 'settings');
    expect(parts.map(({ what }) => what).join('\n')).toMatch(
      /no break-glass principal.*\n.*no channel to ask through\n.*no channel can wake.*\n.*nobody in the settings is \S+: asked by /,
    );
    const unset = await examine(patientIn(wellSetUp(), { SLACK_TOKEN: '' }));
    expect(wrong(unset).find(({ part }) => part === 'secrets')).toMatchObject({
      mark: 'missing',
      what: 'channels on-call.token cannot be read: there is no secret under env:SLACK_TOKEN',
    });
  });
});
