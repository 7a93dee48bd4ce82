import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CordonError, messageOf } from '../../shared/model/error.ts';
import { masked } from '../../shared/model/masked.ts';

describe('a text that others have written', () => {
  it.each([
    ['a header', 'Authorization: Bearer abcdefghijklmnop.qrstuv', 'Authorization: Bearer [masked]'],
    ['a header in JSON', '{"authorization":"Basic dXNlcjpwYXNzd29yZA=="}', '{"authorization":"Basic [masked]"}'],
    ['a value with its name', 'x-amz-security-token=FwoGZXIvYXdz&a=b', 'x-amz-security-token=[masked]&a=b'],
    ['a named value in a sentence', 'refused with password: hunter22 today', 'refused with password: [masked] today'],
    ['a secret key by its form', 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY was sent', 'key [masked] was sent'],
    ['a connection string', 'a;AccountKey=abc123==;EndpointSuffix=x', 'a;AccountKey=[masked];EndpointSuffix=x'],
    ['a shared access signature', 'https://x.blob/c?sv=1&sig=a%2Fb%3D&se=2', 'https://x.blob/c?sv=1&sig=[masked]&se=2'],
    [
      'an address of a hook',
      'to https://hooks.slack.com/services/T0/B0/x1',
      'to https://hooks.slack.com/services/[masked]',
    ],
    ['a password in an address', 'from https://root:pw@db.x/', 'from https://[masked]@db.x/'],
    [
      'a private key',
      '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----.',
      '-----BEGIN PRIVATE KEY-----[masked].',
    ],
    ['a private key that is cut off', '-----BEGIN EC PRIVATE KEY-----\nMII', '-----BEGIN EC PRIVATE KEY-----[masked]'],
    [
      'JSON that could not be read',
      'Unexpected token \'x\', ..."secret" x"... is not valid JSON',
      "Unexpected token 'x', [masked] is not valid JSON",
    ],
  ])('is kept without %s', (_, before, after) => {
    expect(masked(before)).toBe(after);
    expect(new CordonError({ code: 'x', message: before }).message).toBe(after);
    expect(messageOf(new Error(before))).toBe(after);
  });

  it.each([
    'User: arn:aws:sts::111122223333:assumed-role/CordonReader/cordon-abc is not authorized to perform: iam:GetUser',
    '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web',
    'run abcdefghijklmnopqrstuvwxyz: evidence 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae was altered',
    'channels.0.token: there is nothing under env:SLACK_TOKEN',
    'aws.accounts.111122223333.externalId: is too short',
    'STS gave no token for Entra',
    'CORDON_SIGNING_KEYS: is not set. Set it to id=reference, as in a=ssm:/cordon/keys',
    'AWS access key AKIAIOSFODNN7EXAMPLE of ci-deploy is Inactive',
  ])('stays as it is where it holds no secret: %s', (text) => {
    expect(masked(text)).toBe(text);
  });

  test('is masked once: what is masked stays as it is', () => {
    const word = fc.constantFrom(
      'token',
      '=',
      ': ',
      '"',
      'Bearer ',
      'abc123DEF456',
      ' ',
      '&sig=',
      ';',
      '\n',
      'eyJhbGci.eyJzdWIi.x',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const once = masked(words.join(''));
        expect(masked(once)).toBe(once);
      }),
    );
  });

  test.each([
    'a.',
    'https://',
    'discord.com/',
    'token:',
    '-----BEGIN PRIVATE KEY-----',
    'aA1+',
    'Unexpected x, "',
    'eyJ.',
  ])('is read to its end before the test is over, however often it says %s', (part) => {
    expect(masked(part.repeat(1_000_000 / part.length))).toBeTypeOf('string');
  });
});
