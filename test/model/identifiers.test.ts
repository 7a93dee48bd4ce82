import { describe, expect, test } from 'vitest';
import {
  AccessKeyId,
  armIdOf,
  comparable,
  formatArn,
  IamName,
  parseArmId,
  parseArn,
  PrincipalId,
} from '../../shared/model/identifiers.ts';

const group = '/subscriptions/0a1b/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web';

describe('ARNs', () => {
  test.each([
    'arn:aws:iam::111122223333:user/team/ci-deploy',
    'arn:aws:s3:::bucket/key:with:colons',
    'arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-0aa11bb22cc33dd44',
    'arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f',
  ])('%s is read and written back', (text) => {
    const arn = parseArn(text);
    expect(arn && formatArn(arn)).toBe(text);
  });

  test('its parts keep colons of the resource', () => {
    expect(parseArn('arn:aws:logs:eu-west-1:111122223333:log-group:a:*')).toEqual({
      partition: 'aws',
      service: 'logs',
      region: 'eu-west-1',
      account: '111122223333',
      resource: 'log-group:a:*',
    });
  });

  test.each([
    '',
    'arn',
    'arn:aws',
    'arn:aws:iam::1',
    'urn:aws:iam::1:user/a',
    'arn::iam::1:user/a',
    'arn:aws:::1:a',
    'arn:aws:s3:::',
  ])('%j is no ARN', (text) => expect(parseArn(text)).toBeUndefined());
});

describe('ARM ids', () => {
  test('type and names are told apart', () => {
    expect(parseArmId(`${group}/securityRules/allow-ssh`)).toEqual({
      subscription: '0a1b',
      resourceGroup: 'rg-web',
      type: 'Microsoft.Network/networkSecurityGroups/securityRules',
      names: ['nsg-web', 'allow-ssh'],
      name: 'allow-ssh',
    });
  });

  test('fixed words compare without case', () => {
    expect(parseArmId(group.replace('resourceGroups', 'RESOURCEGROUPS').replace('providers', 'Providers'))?.name).toBe(
      'nsg-web',
    );
    expect(armIdOf('microsoft.network/NETWORKsecuritygroups').safeParse(group).success).toBe(true);
    expect(armIdOf('Microsoft.Compute/virtualMachines').safeParse(group).success).toBe(false);
  });

  const hostile = [
    '',
    '/',
    group.slice(1),
    `${group}/`,
    `${group}/securityRules`,
    group.replace('rg-web', '..'),
    group.replace('rg-web', '.'),
    group.replace('rg-web', '%2e%2e%2f'),
    group.replace('nsg-web', 'a%2fb'),
    group.replace('nsg-web', 'a?api-version=1'),
    group.replace('nsg-web', 'a#b'),
    group.replace('nsg-web', 'a\\..\\b'),
    group.replace('nsg-web', 'a\nHost: evil'),
    group.replace('nsg-web', 'a\u0000'),
    group.replace('rg-web', ''),
    group.replace('/subscriptions/0a1b', '/subscriptions'),
    `https://management.azure.com${group}`,
    `//${group}`,
  ];
  test.each(hostile)('%j is refused', (text) => expect(parseArmId(text)).toBeUndefined());
});

test('ids compare as their cloud compares them', () => {
  expect(comparable('/SUBSCRIPTIONS/A/resourceGroups/B')).toBe('/subscriptions/a/resourcegroups/b');
  expect(comparable('/Tenants/ABC')).toBe('/tenants/abc');
  expect(comparable('arn:aws:iam::1:user/Ci')).toBe('arn:aws:iam::1:user/Ci');
});

test.each([
  [IamName, 'ci-deploy', true],
  [IamName, 'a/b', false],
  [IamName, '../x', false],
  [IamName, 'a b', false],
  [IamName, 'a\n', false],
  [IamName, '', false],
  [AccessKeyId, 'AKIACIDEPLOY00000001', true],
  [AccessKeyId, 'ASIACIDEPLOY00000001', false],
  [AccessKeyId, 'AKIACIDEPLOY00000001\n', false],
  [PrincipalId, 'AROAWEBSERVER0000001:i-0aa11bb22cc33dd44', true],
  [PrincipalId, 'AROAWEBSERVER0000001:a/../b', false],
  [PrincipalId, '*', false],
])('%#: %j is judged by its schema', (schema, text, good) => expect(schema.safeParse(text).success).toBe(good));
