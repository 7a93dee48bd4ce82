import { describe, expect, test } from 'vitest';
import { personBehind } from '../../shared/guard/person.ts';
import type { JsonObject } from '../../shared/model/json.ts';

const arn = 'arn:aws:iam::111122223333:saml-provider/NorthwindEntra';
const settings = { identityProviders: [{ arn, tenant: '0a1b2c3d-0000-4000-8000-0000000000ff' }] };
const session: JsonObject = { trustedProviders: [arn], sessionName: 'jonas.berg@northwind.example' };

test('one trusted provider that is one configured tenant, and a name that is one: a person', () => {
  expect(personBehind(settings, session)).toEqual({
    tenant: '0a1b2c3d-0000-4000-8000-0000000000ff',
    userPrincipalName: 'jonas.berg@northwind.example',
  });
});

describe('nobody is proven', () => {
  test.each<[string, JsonObject]>([
    ['by no trust that was read', { sessionName: 'jonas.berg@northwind.example' }],
    ['by an empty trust', { ...session, trustedProviders: [] }],
    ['where the role trusts everybody', { ...session, trustedProviders: ['*'] }],
    [
      'where the role trusts somebody else too',
      { ...session, trustedProviders: [arn, 'arn:aws:iam::111122223333:root'] },
    ],
    ['where the role trusts the provider twice over', { ...session, trustedProviders: [arn, arn] }],
    ['where the provider is none of the configured', { ...session, trustedProviders: [`${arn}2`] }],
    ['where the provider differs in case', { ...session, trustedProviders: [arn.toLowerCase()] }],
    ['where trust is a text', { ...session, trustedProviders: arn }],
    ['by a session without a name', { trustedProviders: [arn] }],
    ['by a session whose name is no text', { ...session, sessionName: ['jonas.berg@northwind.example'] }],
  ])('%s', (_, target) => expect(personBehind(settings, target)).toBeUndefined());

  test('where no provider is configured', () =>
    expect(personBehind({ identityProviders: [] }, session)).toBeUndefined());

  test.each([
    '',
    'jonas.berg',
    '@northwind.example',
    'jonas.berg@northwind',
    'jonas.berg@',
    'jonas.berg@northwind..example',
    'jonas@evil.example@northwind.example',
    'jonas.berg@northwind.example\n',
    'jonas berg@northwind.example',
    "jonas'; drop@northwind.example/..",
    'jonas.berg@northwind.example?x',
    'jonas%40northwind.example',
    '../users/x@northwind.example',
    `${'a'.repeat(200)}@northwind.example`,
  ])('by the session name %j', (sessionName) =>
    expect(personBehind(settings, { ...session, sessionName })).toBeUndefined(),
  );
});
