import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { ec2Tags } from '../../shared/sandbox/aws/ec2-rows.ts';
import { resourcePolicies } from '../../shared/sandbox/aws/iam-rows.ts';
import { production } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { lived, operations, type Road, road } from '../support/road.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
function shipped(id: string): Playbook {
  const found = files.flatMap(({ read }) => (read?.playbook.id === id ? [read.playbook] : []))[0];
  if (!found) throw new TypeError(`no playbook ${id}`);
  return found;
}
const told = (event: JsonObject) => ({ finding: findingIn(event), event });

const groupId = 'sg-0aa11bb22cc330013';
const openSsh = readEvent('cloudtrail/open-ssh');
/** The call opened these rules as well as those that the estate has. */
const opening = (...rules: readonly JsonObject[]): JsonObject =>
  withMembers(openSsh, {
    'detail.responseElements.securityGroupRuleSet.items': rules.map((rule) => ({ groupId, isEgress: false, ...rule })),
  });

describe('a group that was opened', () => {
  const tagged = (one: Road, tags: Readonly<Record<string, string>>): void =>
    one.sandbox.rows.put(ec2Tags, groupId, { account: production, region: 'eu-west-1', tags });

  test.each([{ purpose: 'public' }, { public: 'vpn' }])(
    'is asked about where it is there for everybody: %j',
    async (tags) => {
      const one = road();
      tagged(one, tags);
      expect((await lived(one, shipped('security-group-opened'), told(openSsh))).word).toBe('waiting');
      expect(operations(one)).toEqual([]);
    },
  );

  test('is closed at once whatever else its tags say', async () => {
    const one = road();
    tagged(one, { owner: 'shop' });
    expect((await lived(one, shipped('security-group-opened'), told(openSsh))).word).toBe('contained allowed');
    expect(operations(one)).toEqual(['ec2:RevokeSecurityGroupIngress']);
  });

  test('for a whole range loses the range in one change, and nothing beside it', async () => {
    const one = road();
    const range = opening({ ipProtocol: 'tcp', fromPort: 20, toPort: 8_100, cidrIpv6: '::/0' });
    expect((await lived(one, shipped('security-group-opened'), told(range))).word).toBe('contained allowed');
    expect(operations(one)).toEqual(['ec2:RevokeSecurityGroupIngress']);
  });
});

describe('a bucket whose policy names everybody', () => {
  const arn = 'arn:aws:s3:::northwind-customer-exports';
  const condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-northwind01' } };
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` };

  test.each([
    ['is left alone where S3 says that it is not public', { ...statement, Condition: condition }, []],
    ['is closed where S3 says that it is', statement, ['s3:PutBucketPublicAccessBlock']],
  ])('%s', async (_, one, expected) => {
    const here = road();
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [one] });
    here.sandbox.rows.put(resourcePolicies, arn, { account: production, document });
    const put = withMembers(readEvent('cloudtrail/public-policy'), {
      'detail.requestParameters.bucketPolicy.Statement': [one],
    });
    await lived(here, shipped('bucket-opened'), told(put));
    expect(operations(here)).toEqual(expected);
  });
});
