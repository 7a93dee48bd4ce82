import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import { parsePolicy } from '../../shared/policy/document.ts';

const statement = { Effect: 'Deny', Action: '*', Resource: '*' } as const;

function fault(source: string | Json): InvalidInput {
  try {
    parsePolicy(source);
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return thrown;
  }
  throw new Error('expected the document to be refused');
}

describe('a policy document', () => {
  test('has every single value made a list', () => {
    const source = {
      Version: '2012-10-17',
      Statement: {
        Sid: 'One',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::a/*',
        Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': 10 } },
      },
    };
    expect(parsePolicy(source)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'One',
          Effect: 'Allow',
          Principal: { AWS: ['*'] },
          Action: ['s3:GetObject'],
          Resource: ['arn:aws:s3:::a/*'],
          Condition: { Bool: { 'aws:SecureTransport': ['true'] }, NumericLessThan: { 's3:max-keys': ['10'] } },
        },
      ],
    });
  });

  test('reads the same from JSON, from text and from the percent-encoded text of IAM', () => {
    const source = { Version: '2012-10-17', Statement: [statement] };
    const text = JSON.stringify(source);
    expect(parsePolicy(text)).toEqual(parsePolicy(source));
    expect(parsePolicy(encodeURIComponent(text))).toEqual(parsePolicy(source));
  });

  test('written back as JSON reads the same', () => {
    const once = parsePolicy({ Statement: [{ ...statement, NotPrincipal: { AWS: '111122223333' } }] });
    expect(parsePolicy(JSON.stringify(once))).toEqual(once);
  });

  const refused: readonly [what: string, source: string | Json, place: string, message: string][] = [
    ['no object', [], 'the top', 'expected object'],
    ['no statement', { Version: '2012-10-17' }, 'Statement[0]', 'expected object'],
    ['an unknown version', { Version: '2020-01-01', Statement: [statement] }, 'Version', '2012-10-17'],
    ['an unknown element', { Statement: [{ ...statement, Actions: '*' }] }, 'Statement[0]', 'Actions'],
    ['an unknown effect', { Statement: [{ ...statement, Effect: 'deny' }] }, 'Statement[0].Effect', 'Deny'],
    [
      'an action without a service',
      { Statement: [{ ...statement, Action: ['*', 'GetItem'] }] },
      'Statement[0].Action[1]',
      'service:Action',
    ],
    ['Action and NotAction', { Statement: [{ ...statement, NotAction: 's3:*' }] }, 'Statement[0]', 'one of Action'],
    ['no action', { Statement: [{ Effect: 'Deny', Resource: '*' }] }, 'Statement[0]', 'one of Action'],
    ['Resource and NotResource', { Statement: [{ ...statement, NotResource: 'a' }] }, 'Statement[0]', 'both Resource'],
    ['neither resource nor principal', { Statement: [{ Effect: 'Deny', Action: '*' }] }, 'Statement[0]', 'NotResource'],
    [
      'Principal and NotPrincipal',
      { Statement: [{ ...statement, Principal: '*', NotPrincipal: '*' }] },
      'Statement[0]',
      'both Principal',
    ],
    [
      'an allowed NotPrincipal',
      { Statement: [{ ...statement, Effect: 'Allow', NotPrincipal: '*' }] },
      'Statement[0]',
      'does not support',
    ],
    [
      'an unknown kind of principal',
      { Statement: [{ ...statement, Principal: { User: 'x' } }] },
      'Statement[0].Principal',
      'User',
    ],
    [
      'an unknown condition operator',
      { Statement: [{ ...statement, Condition: { StringEqual: { a: 'b' } } }] },
      'Statement[0].Condition.StringEqual',
      'no condition operator',
    ],
    [
      'a condition value that is no scalar',
      { Statement: [{ ...statement, Condition: { Bool: { a: [true, null] } } }] },
      'Statement[0].Condition.Bool.a[1]',
      'a text, a number or a boolean',
    ],
  ];
  test.each(refused)('with %s is refused, with the place', (_, source, place, message) => {
    const found = fault(source);
    expect(found.place).toEqual({ path: place });
    expect(found.message).toContain(message);
    expect(found.remedy).toContain('docs.aws.amazon.com');
  });

  test('that is not JSON is refused with line and column', () => {
    expect(fault('{\n  "Version" 1').place).toEqual({ file: 'policy document', line: 2, column: 13 });
    expect(fault('%7B%').place).toEqual({ file: 'policy document' });
  });
});
