import { describe, expect, it } from 'vitest';
import { examineAccount } from '../../functions/doctor/aws/account.ts';
import { examineSubscription } from '../../functions/doctor/azure/subscription.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { needsOf } from '../../functions/doctor/needs.ts';
import { patienceWithin } from '../../functions/doctor/patience.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { grantCompiled } from '../../functions/local/rights.ts';
import { allActions, allReads } from '../../functions/wire.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { allRights, type Needs } from '../../shared/playbook/rights-needed.ts';
import { checkRights } from '../../shared/policy/check-rights.ts';
import type { Need } from '../../shared/policy/grants.ts';
import { reconcileRights } from '../../shared/policy/reconcile-rights.ts';
import { writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { resourcePolicies } from '../../shared/sandbox/aws/iam-rows.ts';
import { detectors } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { hubKey, hubs } from '../../shared/sandbox/aws/securityhub-rows.ts';
import {
  type Company,
  company,
  development,
  identities,
  northwindSettings,
  production,
  security,
  subscription,
} from '../support/company.ts';

const playbooks = usable(await loadPlaybooks(['playbooks']));
const needs = await needsOf(playbooks, allActions, northwindSettings());
const region = 'eu-west-1';
const regions = [region] as const;

const whole = await allRights({
  ...{ catalogue: allActions, reads: allReads, writeBack: writeBackGrants },
  ...{ checks: checkRights, reconcile: reconcileRights },
});

/** The sandbox company with GuardDuty and Security Hub on, and the policies and roles that are compiled from what is declared. */
function declared(changed: Partial<Settings> = {}, without: readonly string[] = []): Company {
  const one = company(changed);
  const { rows } = one.sandbox;
  for (const id of [production, development, security]) {
    rows.put(detectors, `detector-of-${id}`, { account: id, region });
    rows.put(hubs, hubKey({ account: id, region }), { account: id, region });
  }
  const but = (needs: readonly Need[]) => needs.filter(({ grant }) => !without.includes(grant.allow));
  const left = ({ reader, writer }: Needs): Needs => ({ reader: but(reader), writer: but(writer) });
  const needed = { ...whole, aws: left(whole.aws), azure: left(whole.azure) };
  grantCompiled(one.sandbox, needed, one.settings, identities);
  return one;
}

const patience = patienceWithin();
const account = (one: Company, id: string): Promise<readonly Examined[]> =>
  examineAccount({ ...one, account: id, regions, needed: needs.aws.read, patience, writer: { at: 'here' } });
const azure = (one: Company): Promise<readonly Examined[]> =>
  examineSubscription({ ...one, subscription, needed: needs.azure, patience });
/** The rights that are named as missing, or as what keeps the doctor from looking. */
const named = (all: readonly Examined[]) => [...new Set(all.flatMap(({ right }) => right ?? []))];
/** A few at a time, of services that lie apart: each is to be named, and no other. */
const dealt = (rights: readonly string[]): readonly (readonly string[])[] => {
  const hands = Math.ceil(rights.length / 4);
  return Array.from({ length: hands }, (_, hand) => rights.filter((_right, at) => at % hands === hand));
};
const ofIdentityCenter = (right: string): boolean => /^(sso|identitystore):/.test(right);
const [ofCenter = [], everywhere = []] = [true, false].map((there) =>
  needs.aws.read.filter((right) => ofIdentityCenter(right) === there),
);

describe('rights as they are declared and compiled', () => {
  it.each([production, development, security])('are found whole in account %s', async (id) => {
    expect(named(await account(declared(), id))).toEqual([]);
  });

  it('are all tried where there is something to try them on', async () => {
    const all = await account(declared(), production);
    const tried = /^(\d+) of \1 reads that playbooks and reconciliation need work$/;
    expect(all.filter(({ what }) => tried.test(what))).toHaveLength(1);
  });

  it('are found whole where there is no quarantine bucket', async () => {
    const { quarantineBucket: _, ...aws } = northwindSettings().aws;
    expect(named(await account(declared({ aws }), production))).toEqual([]);
  });

  it('are found whole in a subscription', async () => {
    const one = declared();
    expect(named(await azure(one))).toEqual([]);
  });

  it('take in those of reconciliation', () => {
    expect(needs.aws.read).toEqual(expect.arrayContaining(reconcileRights.aws.map(({ allow }) => allow)));
    expect(needs.azure.read).toEqual(expect.arrayContaining(reconcileRights.azure.map(({ allow }) => allow)));
  });

  it.each(dealt(everywhere).map((rights) => ({ rights })))(
    'are found whole but for $rights, which are taken away and nothing else',
    async ({ rights }) => {
      const all = await account(declared({}, rights), production);
      expect(named(all).toSorted()).toEqual(rights.toSorted());
      const missing = all.flatMap(({ mark, right }) => (mark === 'missing' && right ? [right] : []));
      expect(rights.filter((right) => !missing.includes(right))).toEqual([]);
    },
  );

  it.each(ofCenter)('are found whole but for %s, where Identity Center is and nowhere else', async (right) => {
    const one = declared({}, [right]);
    expect(named(await account(one, security))).toEqual([right]);
    expect(named(await account(one, production))).toEqual([]);
  });

  it.each(dealt(needs.azure.read).map((rights) => ({ rights })))(
    'are found whole but for $rights of the reader of Azure',
    async ({ rights }) => {
      expect(named(await azure(declared({}, rights))).toSorted()).toEqual(rights.toSorted());
    },
  );
});

const bucketArn = (name: string) => `arn:aws:s3:::${name}`;

describe('a quarantine bucket', () => {
  const quarantine = 'northwind-quarantine';

  it('is named where its own policy shuts the reader of another account out', async () => {
    const one = declared();
    one.sandbox.rows.delete(resourcePolicies, bucketArn(quarantine));
    const all = await account(one, production);
    expect(all.filter(({ right }) => right)).toMatchObject([
      { mark: 'missing', right: 's3:ListBucket', remedy: expect.stringContaining(`policy of ${quarantine}`) },
    ]);
  });

  it('is named where there is none of that name', async () => {
    const one = declared();
    one.sandbox.rows.delete(buckets, quarantine);
    const all = await account(one, production);
    expect(all.filter(({ right }) => right)).toMatchObject([
      { mark: 'missing', what: `there is no bucket ${quarantine} to keep the copy in` },
    ]);
  });
});

it('takes no bucket that shuts everybody out for a right that is missing', async () => {
  const one = declared();
  const Resource = bucketArn('northwind-customer-exports'); // the first one that is listed
  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource };
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  expect(one.sandbox.rows.get(resourcePolicies, Resource)).not.toBe(undefined);
  one.sandbox.rows.put(resourcePolicies, Resource, { account: production, document });
  expect(named(await account(one, production))).toEqual([]);
});
