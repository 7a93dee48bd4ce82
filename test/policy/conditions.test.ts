import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import { conditionsHold } from '../../shared/policy/conditions.ts';
import type { Context } from '../../shared/policy/request.ts';
import { resolverFor } from '../../shared/policy/variables.ts';

const context: Context = new Map(
  Object.entries({
    'aws:username': ['ci-bot'],
    'aws:userid': ['AROAEXAMPLE:i-0123'],
    'aws:tokenissuetime': ['2026-05-01T10:00:00Z'],
    'aws:epochtime': ['1777629600'],
    'aws:sourceip': ['203.0.113.7'],
    'aws:securetransport': ['false'],
    'aws:principalarn': ['arn:aws:iam::111122223333:role/team/deploy'],
    'aws:tagkeys': ['Owner', 'Stage'],
    'aws:calledvia': [],
    's3:prefix': [''],
    's3:max-keys': ['10'],
    'identitystore:userid': ['9067-aaaa'],
    'test:v6': ['2001:db8::1'],
    'test:log': ['arn:aws:logs:eu-west-1:111122223333:log-group:api:log-stream:1'],
    'test:star': ['*'],
    'test:dollar': ['${aws:username}'],
  }),
);

const holds = (operator: string, key: string, wanted: string | string[], version = '2012-10-17') =>
  conditionsHold({ [operator]: { [key]: [wanted].flat() } }, context, resolverFor(version, context));

type Row = readonly [operator: string, key: string, wanted: string | string[], holds: boolean];

const rows: Readonly<Record<string, readonly Row[]>> = {
  strings: [
    ['StringEquals', 'aws:userid', 'AROAEXAMPLE:i-0123', true],
    ['StringEquals', 'aws:userid', 'AROAEXAMPLE:i-0999', false],
    ['StringEquals', 'AWS:UserId', 'AROAEXAMPLE:i-0123', true],
    ['StringEquals', 'aws:username', 'CI-bot', false],
    ['StringEquals', 'aws:username', ['other', 'ci-bot'], true],
    ['StringEquals', 'aws:username', 'ci-*', false],
    ['StringEquals', 'aws:username', [], false],
    ['StringEquals', 'identitystore:userId', '9067-aaaa', true],
    ['StringEquals', 's3:prefix', '', true],
    ['StringNotEquals', 'aws:username', ['other', 'ci-bot'], false],
    ['StringNotEquals', 'aws:username', ['other', 'another'], true],
    ['StringEqualsIgnoreCase', 'aws:username', 'CI-Bot', true],
    ['StringNotEqualsIgnoreCase', 'aws:username', 'CI-Bot', false],
    ['StringLike', 'aws:username', 'ci-*', true],
    ['StringLike', 'aws:username', 'ci-b?t', true],
    ['StringLike', 'aws:username', 'ci-b?', false],
    ['StringLike', 'aws:username', 'CI-*', false],
    ['StringNotLike', 'aws:username', 'ci-*', false],
    ['StringNotLike', 'aws:username', 'cd-*', true],
  ],
  'missing keys': [
    ['StringEquals', 'aws:none', 'x', false],
    ['StringNotEquals', 'aws:none', 'x', true],
    ['ArnNotLike', 'aws:none', '*', true],
    ['NotIpAddress', 'aws:none', '0.0.0.0/0', true],
    ['DateLessThan', 'aws:none', '2030-01-01', false],
    ['Bool', 'aws:none', 'false', false],
    ['BoolIfExists', 'aws:none', 'false', true],
    ['StringEqualsIfExists', 'aws:none', 'x', true],
    ['StringEqualsIfExists', 'aws:username', 'x', false],
    ['StringEqualsIfExists', 'aws:username', 'ci-bot', true],
    ['StringNotEqualsIfExists', 'aws:none', 'x', true],
    ['Null', 'aws:none', 'true', true],
    ['Null', 'aws:none', 'false', false],
    ['Null', 'aws:username', 'true', false],
    ['Null', 'aws:username', 'false', true],
    ['Null', 'aws:CalledVia', 'true', true],
  ],
  numbers: [
    ['NumericEquals', 's3:max-keys', '10.0', true],
    ['NumericNotEquals', 's3:max-keys', '10', false],
    ['NumericLessThan', 's3:max-keys', '10', false],
    ['NumericLessThanEquals', 's3:max-keys', '10', true],
    ['NumericGreaterThan', 's3:max-keys', '9.5', true],
    ['NumericGreaterThanEquals', 's3:max-keys', '11', false],
    ['NumericLessThan', 's3:max-keys', 'many', false],
    ['NumericEquals', 'aws:username', '0', false],
  ],
  dates: [
    ['DateLessThan', 'aws:TokenIssueTime', '2026-05-01T10:00:01Z', true],
    ['DateLessThan', 'aws:TokenIssueTime', '2026-05-01T10:00:00Z', false],
    ['DateLessThanEquals', 'aws:TokenIssueTime', '2026-05-01T10:00:00.000Z', true],
    ['DateLessThan', 'aws:TokenIssueTime', '2026-05-01T12:30:00+02:00', true],
    ['DateEquals', 'aws:TokenIssueTime', '1777629600', true],
    ['DateEquals', 'aws:EpochTime', '2026-05-01T10:00:00Z', true],
    ['DateNotEquals', 'aws:TokenIssueTime', '1777629600', false],
    ['DateGreaterThan', 'aws:TokenIssueTime', '2026-05-01', true],
    ['DateGreaterThanEquals', 'aws:TokenIssueTime', '2026-06', false],
    ['DateGreaterThan', 'aws:TokenIssueTime', '2026-01-01T00:00:00', false],
    ['DateLessThan', 'aws:TokenIssueTime', 'tomorrow', false],
  ],
  'booleans and bytes': [
    ['Bool', 'aws:SecureTransport', 'false', true],
    ['Bool', 'aws:SecureTransport', 'False', true],
    ['Bool', 'aws:SecureTransport', 'true', false],
    ['BinaryEquals', 'aws:username', 'ci-bot', true],
    ['BinaryEquals', 'aws:username', 'CI-BOT', false],
  ],
  addresses: [
    ['IpAddress', 'aws:SourceIp', '203.0.113.0/24', true],
    ['IpAddress', 'aws:SourceIp', '203.0.113.7', true],
    ['IpAddress', 'aws:SourceIp', '203.0.113.7/32', true],
    ['IpAddress', 'aws:SourceIp', '203.0.113.8/32', false],
    ['IpAddress', 'aws:SourceIp', '203.0.113.7/1/32', false],
    ['IpAddress', 'aws:username', '0.0.0.0/0', false],
    ['IpAddress', 'test:v6', '2001:db8::1/128', true],
    ['IpAddress', 'aws:SourceIp', '203.0.113.8/30', false],
    ['IpAddress', 'aws:SourceIp', '0.0.0.0/0', true],
    ['IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '203.0.0.0/16'], true],
    ['NotIpAddress', 'aws:SourceIp', ['10.0.0.0/8', '203.0.0.0/16'], false],
    ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', true],
    ['IpAddress', 'test:v6', '2001:DB8::/32', true],
    ['IpAddress', 'test:v6', '2001:db8:0:0:0:0:0:1', true],
    ['IpAddress', 'test:v6', '2001:db8:1::/48', false],
    ['IpAddress', 'test:v6', '::ffff:203.0.113.7', false],
    ['IpAddress', 'test:v6', '0.0.0.0/0', false],
    ['IpAddress', 'aws:SourceIp', '203.0.113.0/33', false],
    ['IpAddress', 'aws:SourceIp', '203.0.113.0/', false],
    ['IpAddress', 'aws:SourceIp', '203.0.113', false],
    ['IpAddress', 'aws:SourceIp', '::/0', false],
    ['IpAddress', 'test:v6', '2001::db8::/16', false],
    ['IpAddress', 'test:v6', '2001:db8:0:0:0:0:1/32', false],
    ['IpAddress', 'test:v6', '2001:db8:1:2:3:4::5:6/32', false],
    ['IpAddress', 'test:v6', '2001:db8::/32/1', false],
  ],
  ARNs: [
    ['ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/team/deploy', true],
    ['ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/*', true],
    ['ArnLike', 'aws:PrincipalArn', 'arn:*:iam::*:role/team/*', true],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:*:role/team/deploy', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::444455556666:role/*', false],
    ['ArnLike', 'aws:PrincipalArn', '*', true],
    ['ArnLike', 'test:log', 'arn:aws:logs:*:111122223333:log-group:api:*', true],
    ['ArnLike', 'test:log', 'arn:aws:logs:*:log-group:api:*', false],
    ['ArnLike', 'aws:username', 'arn:aws:iam::*:*', false],
    ['ArnNotEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/team/*', false],
    ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/other/*', true],
  ],
  sets: [
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['Owner', 'Stage', 'Cost'], true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['Owner'], false],
    ['ForAllValues:StringEquals', 'aws:none', ['Owner'], true],
    ['ForAllValues:StringEquals', 'aws:CalledVia', ['Owner'], true],
    ['ForAllValues:StringEquals', 's3:prefix', ['Owner'], true],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['Cost'], true],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['Owner'], false],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['Owner'], true],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['Cost'], false],
    ['ForAnyValue:StringEquals', 'aws:none', ['Owner'], false],
    ['ForAnyValue:StringEquals', 's3:prefix', [''], false],
    ['ForAnyValue:StringNotEquals', 'aws:none', ['Owner'], false],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', ['Owner'], true],
    ['ForAnyValue:StringLike', 'aws:TagKeys', ['St*'], true],
    ['ForAnyValue:StringEqualsIfExists', 'aws:none', ['Owner'], true],
    ['ForAllValues:StringEqualsIfExists', 'aws:TagKeys', ['Owner'], false],
    ['StringEquals', 'aws:TagKeys', ['Stage'], true],
    ['StringNotEquals', 'aws:TagKeys', ['Stage'], false],
  ],
  variables: [
    ['StringEquals', 'aws:username', '${aws:username}', true],
    ['StringEquals', 'aws:username', '${AWS:UserName}', true],
    ['StringLike', 'aws:userid', '*:${aws:username}', false],
    ['StringEqualsIgnoreCase', 'aws:username', '${aws:UserName}', true],
    ['StringEquals', 'aws:username', '${aws:none}', false],
    ['StringNotEquals', 'aws:username', '${aws:none}', true],
    ['StringEquals', 'aws:username', "${aws:none, 'ci-bot'}", true],
    ['StringEquals', 'aws:username', "${aws:username, 'other'}", true],
    ['StringEquals', 'aws:TagKeys', '${aws:TagKeys}', false],
    ['StringLike', 'aws:username', '${test:star}', false],
    ['StringLike', 'test:star', '${*}', true],
    ['StringLike', 'aws:username', 'ci${*}', false],
    ['StringEquals', 'test:dollar', '${$}{aws:username}', true],
    ['StringEquals', 'test:dollar', '${test:dollar}', true],
    ['StringEquals', 'aws:username', '${aws:username', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*/${aws:username}', false],
    ['DateLessThan', 'aws:TokenIssueTime', '${aws:EpochTime}', false],
  ],
};

describe.each(Object.entries(rows))('%s', (_, table) => {
  test.each(table)('%s on %s with %j is %s', (operator, key, wanted, expected) => {
    expect(holds(operator, key, wanted)).toBe(expected);
  });
});

test('before version 2012-10-17 a variable is plain text', () => {
  expect(holds('StringEquals', 'aws:username', '${aws:username}', '2008-10-17')).toBe(false);
  expect(holds('StringEquals', 'test:dollar', '${aws:username}', '2008-10-17')).toBe(true);
});

test('all operators and all keys of a condition must hold', () => {
  const both = { StringEquals: { 'aws:username': ['ci-bot'], 'aws:userid': ['AROAEXAMPLE:i-0123'] } };
  expect(conditionsHold(both, context, undefined)).toBe(true);
  expect(conditionsHold({ ...both, Bool: { 'aws:SecureTransport': ['true'] } }, context, undefined)).toBe(false);
  const oneOff = { StringEquals: { 'aws:username': ['ci-bot'], 'aws:userid': ['other'] } };
  expect(conditionsHold(oneOff, context, undefined)).toBe(false);
});

test.each(['StringEqual', 'NullIfExists', 'ForAllValues:Null', 'ForSome:StringEquals', ':StringEquals', 'toString'])(
  'the unknown operator %s is refused',
  (operator) => {
    expect(() => holds(operator, 'aws:username', 'ci-bot')).toThrow(InvalidInput);
  },
);
