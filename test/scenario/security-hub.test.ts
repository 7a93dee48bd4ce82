import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { carryOn, openOne, operations, road, stateOf } from '../support/road.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
const shipped: readonly Playbook[] = files.flatMap(({ read }) => (read ? [read.playbook] : []));

function playbookCalled(id: string): Playbook {
  const found = shipped.find((one) => one.id === id);
  if (!found) throw new Error(`no playbook ${id}`);
  return found;
}

/** Lives through a playbook that asks, with a person who agrees to everything. */
async function agreed(id: string, name: string, changed: Readonly<Record<string, Json>> = {}) {
  const one = road();
  const event = withMembers(readEvent(name), changed);
  const runId = await openOne(one, playbookCalled(id), { finding: findingIn(event), event });
  expect((await carryOn(one, runId)).status).toBe('waiting');
  expect(operations(one)).toEqual([]);
  for (let open = await openApprovals(one.deps); open.length > 0; open = await openApprovals(one.deps)) {
    for (const { id: approval, digest } of open)
      await answer(one.deps, approval, digest, { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' });
    await carryOn(one, runId);
  }
  return { outcome: (await stateOf(one, runId)).result?.outcome, calls: [...new Set(operations(one))] };
}

const port = 'security-hub/open-port';
const control = (id: string) => ({ 'detail.findings.0.Compliance.SecurityControlId': id });
/** A rule that opens more gives way to narrower ones. */
const narrowed = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];

describe('what a control of Security Hub found is changed once a person agrees', () => {
  test.each<[string, string, Readonly<Record<string, Json>>, readonly string[]]>([
    ['open-port', port, {}, narrowed],
    ['open-port', port, control('EC2.14'), narrowed],
    ['open-port', port, control('EC2.19'), ['ec2:RevokeSecurityGroupIngress']],
    ['public-bucket', 'security-hub/public-bucket', {}, ['s3:PutBucketPublicAccessBlock']],
  ])('%s, %s %j', async (id, name, changed, calls) => {
    const { outcome, calls: made } = await agreed(id, name, changed);
    expect(outcome).toBe('contained');
    expect(made.toSorted()).toEqual(calls);
  });
});

describe('an instance that is attacked is not taken for one that attacks', () => {
  const instance = {
    uid: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0aa11bb22cc33dd44',
    type: 'AWS::EC2::Instance',
  };
  const evidence = (resource_role: string) => ({ api: { operation: 'x' }, data: { resource_role } });
  const inOcsf = (role: string) =>
    withMembers(readEvent('security-hub-v2/guardduty-leaked-access-key'), {
      'detail.findings.0.resources': [instance],
      'detail.findings.0.evidences': [evidence(role)],
      'detail.findings.0.finding_info.types': ['TTPs/Impact/Impact:EC2-WinRMBruteForce'],
      'detail.findings.0.vendor_attributes.severity': '8',
    });
  const inAsff = (role: string) =>
    withMembers(readEvent('security-hub/guardduty-compromised-instance'), {
      'detail.findings.0.ProductFields.aws/guardduty/service/resourceRole': role,
    });
  const set = playbookSet([playbookCalled('compromised-instance')]);

  test.each([
    ['OCSF', inOcsf],
    ['ASFF', inAsff],
  ])('in %s', (_, event) => {
    const matched = (role: string) => set.matching(findingIn(event(role)), event(role)).length;
    expect([matched('ACTOR'), matched('TARGET')]).toEqual([1, 0]);
  });
});
