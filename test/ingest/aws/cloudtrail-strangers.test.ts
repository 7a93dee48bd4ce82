import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const permission = readEvent('cloudtrail/function-permission');
/** What a call of Lambda or RDS made of the thing it changed. */
const changed = (eventName: string, requestParameters: Json, eventSource = 'lambda.amazonaws.com') =>
  primaryOf(
    findingIn(
      withMembers(permission, {
        'detail.eventSource': eventSource,
        'detail.eventName': eventName,
        'detail.requestParameters': requestParameters,
      }),
    ),
  );
const added = (more: JsonObject) =>
  changed('AddPermission20150331v2', { functionName: 'invoices', statementId: 's', action: 'lambda:*', ...more });

describe('whom a call lets in at a function', () => {
  it.each<[string, JsonObject, object]>([
    ['everybody', { principal: '*' }, { statementId: 's', qualifier: '', letsIn: 'everybody' }],
    ['everybody at an alias', { principal: '*', qualifier: 'live' }, { qualifier: 'live', letsIn: 'everybody' }],
    [
      'everybody at an alias that stands behind the name',
      { principal: '*', functionName: 'arn:aws:lambda:eu-west-1:111122223333:function:invoices:live' },
      { functionName: 'invoices', qualifier: 'live', letsIn: 'everybody' },
    ],
    ['every account there is', { principal: '*', functionUrlAuthType: 'AWS_IAM' }, { letsIn: 'everybody' }],
    ['another account', { principal: '777788889999' }, { letsIn: 'account' }],
    ['a user of another account', { principal: 'arn:aws:iam::777788889999:user/x' }, { letsIn: 'account' }],
  ])('is %s', (_, more, expected) => {
    expect(added(more)).toMatchObject({ type: 'aws.lambda.function', ...expected });
  });

  it.each<[string, JsonObject]>([
    ['a service', { principal: 's3.amazonaws.com' }],
    ['the account itself', { principal: 'arn:aws:iam::111122223333:role/pipeline' }],
    ['everybody of one organisation', { principal: '*', principalOrgID: 'o-northwind01' }],
    ['everybody through one account', { principal: '*', sourceAccount: '111122223333' }],
  ])('is nobody to speak of where it is %s', (_, more) => {
    expect(added(more)).not.toHaveProperty('letsIn');
  });

  it('is whoever knows a URL that asks for no signature', () => {
    const statements: readonly JsonObject[] = [
      { principal: '*', action: 'lambda:InvokeFunctionUrl', functionUrlAuthType: 'NONE' },
      { principal: '*', action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true },
    ];
    for (const one of statements) expect(added(one)).toMatchObject({ letsIn: 'url' });
    const url = (authType: string) => changed('UpdateFunctionUrlConfig', { functionName: 'invoices', authType });
    expect(url('NONE')).toMatchObject({ letsIn: 'url' });
    expect(url('AWS_IAM')).not.toHaveProperty('letsIn');
  });
});

describe('whom a call shares a database snapshot with', () => {
  const shared = (request: JsonObject, kind = '') =>
    changed(`ModifyDB${kind}SnapshotAttribute`, { attributeName: 'restore', ...request }, 'rds.amazonaws.com');

  it('is those that it adds, for snapshots of databases and of clusters', () => {
    expect(shared({ dBSnapshotIdentifier: 'reports', valuesToAdd: ['all', '777788889999'] })).toMatchObject({
      type: 'aws.rds.snapshot',
      snapshotIdentifier: 'reports',
      ofCluster: false,
      sharedWith: ['all', '777788889999'],
    });
    expect(shared({ dBClusterSnapshotIdentifier: 'orders', valuesToAdd: ['all'] }, 'Cluster')).toMatchObject({
      snapshotIdentifier: 'orders',
      ofCluster: true,
      sharedWith: ['all'],
    });
  });

  it('is nobody where it only takes away', () => {
    const taken = shared({ dBSnapshotIdentifier: 'reports', valuesToRemove: ['all'] });
    expect(taken).toMatchObject({ type: 'aws.rds.snapshot' });
    expect(taken['sharedWith' as keyof typeof taken]).toBeUndefined();
  });
});
