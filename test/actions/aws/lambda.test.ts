import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { lambdaLockFunctionUrl } from '../../../shared/actions/aws/lambda-lock-function-url.ts';
import { letsEverybodyIn, readStatement } from '../../../shared/actions/aws/lambda-permission.ts';
import { lambdaRemovePublicPermission } from '../../../shared/actions/aws/lambda-remove-public-permission.ts';
import { lambdaThrottleToZero } from '../../../shared/actions/aws/lambda-throttle-to-zero.ts';
import { resourcePolicies } from '../../../shared/sandbox/aws/iam-rows.ts';
import { type FunctionRow, functions } from '../../../shared/sandbox/aws/lambda-rows.ts';
import { callFunctionUrl } from '../../../shared/sandbox/aws/lambda-urls.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { holding, refusal } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';

const arnOf = (name: string): string => `arn:aws:lambda:eu-west-1:${production}:function:${name}`;
const rowOf = ({ rows }: Sandbox, name: string): FunctionRow => rows.get(functions, arnOf(name)) as FunctionRow; // the estate has it
const policyOf = ({ rows }: Sandbox, name: string): string | undefined =>
  rows.get(resourcePolicies, arnOf(name))?.document;
const url = 'https://nw4k7qinvoices0000000000000000ab.lambda-url.eu-west-1.on.aws/';

describe('stopping a function', () => {
  it('takes away what is kept ready first, for Lambda reserves no less than that, and gives it back last', async () => {
    const { plan, contain, release, sandbox } = await acting(lambdaThrottleToZero, { functionName: 'resize-images' });
    const changes = await plan();
    expect(changes).toEqual([
      { resource: 'resize-images:live', from: 2, to: null },
      { resource: 'resize-images', from: null, to: 0 },
    ]);
    await contain(changes);
    expect(rowOf(sandbox, 'resize-images').reserved).toBe(0);
    await release(changes);
    const { reserved, aliases } = rowOf(sandbox, 'resize-images');
    expect([reserved, aliases['live']?.provisioned]).toEqual([undefined, 2]);
  });

  it('gives back the reservation that there was, not none', async () => {
    const { plan, contain, release, sandbox } = await acting(lambdaThrottleToZero, { functionName: 'invoices' });
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(rowOf(sandbox, 'invoices').reserved).toBe(20);
  });

  it('has nothing to do where the function is gone', async () => {
    const { capture, plan } = await acting(lambdaThrottleToZero, { functionName: 'no-such-function' });
    expect([await capture(), await plan()]).toEqual([{}, []]);
  });
});

describe('shutting strangers out of a function', () => {
  it('takes away every statement for everybody, of the function and of its aliases, and no other', async () => {
    const { plan } = await acting(lambdaRemovePublicPermission, { functionName: 'invoices' });
    expect((await plan()).map(({ resource }) => resource)).toEqual([
      'invoices/open',
      'invoices/url',
      'invoices:live/open-too',
    ]);
  });

  it('takes just the statement that is named, and writes it again to the letter', async () => {
    const input = { functionName: 'resize-images', qualifier: '', statementId: 'uploads' };
    const { plan, contain, release, sandbox } = await acting(lambdaRemovePublicPermission, input);
    const before = policyOf(sandbox, 'resize-images');
    const changes = await plan();
    await contain(changes);
    expect(policyOf(sandbox, 'resize-images')).not.toContain('uploads');
    await release(changes);
    expect(policyOf(sandbox, 'resize-images')).toBe(before);
  });

  it('does not touch what it could not write again, and says so', async () => {
    const Statement = [
      { Sid: 'odd', Effect: 'Allow', Principal: { AWS: ['*'] }, Action: 'lambda:*', Resource: arnOf('invoices') },
    ];
    const prepare = ({ rows }: Sandbox) =>
      rows.put(resourcePolicies, arnOf('invoices'), {
        account: production,
        document: JSON.stringify({ Version: '2012-10-17', Statement }),
      });
    const { plan } = await acting(lambdaRemovePublicPermission, { functionName: 'invoices' }, { prepare });
    await expect(plan()).rejects.toMatchObject({ code: 'permission-unusual' });
  });

  it.each([
    ['everybody', { Principal: '*' }, true],
    ['everybody, as a principal of AWS', { Principal: { AWS: '*' } }, true],
    ['a service', { Principal: { Service: 's3.amazonaws.com' } }, false],
    ['an account', { Principal: { AWS: 'arn:aws:iam::777788889999:root' } }, false],
    [
      'everybody in an organisation',
      { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
      false,
    ],
    [
      'everybody through one bucket',
      { Principal: '*', Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::uploads' } } },
      false,
    ],
    [
      'everybody through any bucket',
      { Principal: '*', Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::*' } } },
      true,
    ],
    [
      'whoever signs at a URL',
      { Principal: '*', Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
      true,
    ],
  ])('sees whether a statement is for everybody: %s', (_, part, expected) => {
    const statement = { Sid: 's', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*', ...part };
    expect(letsEverybodyIn(readStatement(statement))).toBe(expected);
  });
});

describe('locking a function URL', () => {
  it('keeps the URL itself, which could never be had again', async () => {
    const { plan, contain, release, sandbox } = await acting(lambdaLockFunctionUrl, { functionName: 'invoices' });
    const changes = await plan();
    await contain(changes);
    expect(callFunctionUrl(sandbox, url)).toBe(403);
    await release(changes);
    expect(callFunctionUrl(sandbox, url)).toBe(200);
  });

  it('has nothing to do at a function without a URL', async () => {
    const { plan, isContained } = await acting(lambdaLockFunctionUrl, { functionName: 'resize-images' });
    expect([await plan(), await isContained()]).toEqual([[], true]);
  });

  it('leaves the statements that let anybody call the function without the URL', async () => {
    const { contain, sandbox } = await acting(lambdaLockFunctionUrl, { functionName: 'invoices' });
    await contain();
    const stranger = new LambdaClient(holding(sandbox, 'AKIAMALLORY000000001'));
    expect(await refusal(stranger.send(new InvokeCommand({ FunctionName: arnOf('invoices') })))).toBeUndefined();
  });
});
