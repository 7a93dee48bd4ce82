import {
  AddPermissionCommand,
  InvokeCommand,
  LambdaClient,
  paginateListAliases,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  ModifyDBSnapshotAttributeCommand,
  paginateDescribeDBInstances,
  RDSClient,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { reachDatabase } from '../../shared/sandbox/aws/rds-instances.ts';
import { holding, refusal } from '../support/attacker.ts';

const account = '111122223333';
const keyId = 'AKIAOWN0000000000001';

function play(region: object) {
  const users = [{ name: 'me', keys: [{ id: keyId, secret: 's' }], inline: { all: { allow: ['*'] } } }];
  const sandbox = createSandbox(
    Estate.parse({
      name: 'Functions and databases',
      now: '2026-01-01T00:00:00.000Z',
      aws: { accounts: { [account]: { name: 'own', users, regions: { 'eu-west-1': region } } } },
    }),
  );
  const config = holding(sandbox, keyId);
  return { sandbox, lambda: new LambdaClient(config), rds: new RDSClient(config) };
}

describe('Lambda', () => {
  const functions = [{ name: 'f', role: 'f', aliases: { a: { version: '1', provisioned: 2 }, b: { version: '2' } } }];

  it('runs a function by its name, by its ARN and by an alias, and knows no other', async () => {
    const { lambda } = play({ functions });
    const versionOf = async (FunctionName: string, Qualifier?: string) =>
      (await lambda.send(new InvokeCommand({ FunctionName, Qualifier }))).ExecutedVersion;
    expect(await versionOf('f')).toBe('$LATEST');
    expect(await versionOf(`arn:aws:lambda:eu-west-1:${account}:function:f`, 'a')).toBe('1');
    expect(await versionOf('f:b')).toBe('2');
    expect(await refusal(versionOf('g'))).toBe('ResourceNotFoundException');
  });

  it('reserves no less than is kept ready, and runs nothing that is reserved nothing', async () => {
    const { lambda } = play({
      functions: [
        { name: 'f', role: 'f' },
        { ...functions[0], name: 'ready' },
      ],
    });
    const reserve = (FunctionName: string) =>
      lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    expect(await refusal(reserve('ready'))).toBe('InvalidParameterValueException');
    await reserve('f');
    const thrown: unknown = await lambda.send(new InvokeCommand({ FunctionName: 'f' })).catch((error) => error);
    expect(thrown).toBeInstanceOf(TooManyRequestsException);
    expect(thrown).toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' });
  });

  it('writes a statement once, and takes away only one that is there', async () => {
    const { lambda } = play({ functions });
    const named = { FunctionName: 'f', StatementId: 's' };
    const add = () =>
      lambda.send(new AddPermissionCommand({ ...named, Action: 'lambda:InvokeFunction', Principal: account }));
    await add();
    expect(await refusal(add())).toBe('ResourceConflictException');
    const remove = () => lambda.send(new RemovePermissionCommand(named));
    await remove();
    expect(await refusal(remove())).toBe('ResourceNotFoundException');
  });

  it('lists aliases in pages', async () => {
    const { lambda: client } = play({ functions });
    const pages = await Array.fromAsync(paginateListAliases({ client, pageSize: 1 }, { FunctionName: 'f' }));
    expect(pages.map(({ Aliases = [] }) => Aliases.map(({ Name }) => Name))).toEqual([['a'], ['b']]);
  });
});

describe('RDS', () => {
  const databases = [
    { id: 'one', cluster: 'c' },
    { id: 'two', cluster: 'c', pendingClass: 'db.r7g.xlarge' },
    { id: 'three', status: 'backing-up' },
  ];

  it('lists databases in pages, and those of one cluster', async () => {
    const { rds: client } = play({ databases });
    const Filters = [{ Name: 'db-cluster-id', Values: ['c'] }];
    const pages = await Array.fromAsync(paginateDescribeDBInstances({ client, pageSize: 1 }, { Filters }));
    const ids = pages.map(({ DBInstances = [] }) => DBInstances.map(({ DBInstanceIdentifier: id }) => id));
    expect(ids).toEqual([['one'], ['two']]);
  });

  it('knows no database by a name that there is not', async () => {
    const { rds } = play({ databases });
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'four' });
    expect(await refusal(rds.send(command))).toBe('DBInstanceNotFoundFault');
  });

  it('makes what waits for the window as well once a change is to be made at once', async () => {
    const { rds } = play({ databases });
    const modify = (ApplyImmediately?: boolean) =>
      rds.send(
        new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'two', PubliclyAccessible: true, ApplyImmediately }),
      );
    expect((await modify()).DBInstance).toMatchObject({ PubliclyAccessible: true, DBInstanceClass: 'db.r7g.large' });
    expect((await modify(true)).DBInstance?.DBInstanceClass).toBe('db.r7g.xlarge');
  });

  it('takes no change while a database is backed up', async () => {
    const { rds } = play({ databases });
    const command = new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'three', PubliclyAccessible: false });
    expect(await refusal(rds.send(command))).toBe('InvalidDBInstanceStateFault');
  });

  it('lets strangers through to a database that is public, where its groups let them in', () => {
    const from = '203.0.113.7';
    const securityGroups = [
      { id: 'sg-0123456789abcdef0', name: 'db', vpc: 'vpc-1', ingress: [{ port: 5432, cidr: '203.0.113.0/24' }] },
    ];
    const { sandbox } = play({
      vpcs: [{ id: 'vpc-1', cidr: '10.0.0.0/16' }],
      securityGroups,
      databases: [
        { id: 'open', public: true, securityGroups: ['sg-0123456789abcdef0'] },
        { id: 'inside', securityGroups: ['sg-0123456789abcdef0'] },
        { id: 'shut', public: true },
      ],
    });
    const reached = (id: string) => reachDatabase(sandbox, from, `arn:aws:rds:eu-west-1:${account}:db:${id}`);
    expect(['open', 'inside', 'shut'].map(reached)).toEqual(['connected', 'timeout', 'timeout']);
  });

  it('makes no encrypted snapshot public, and shares no automated one', async () => {
    const { rds } = play({
      databaseSnapshots: [
        { id: 'encrypted', of: 'one', encrypted: true },
        { id: 'rds:one-2026', of: 'one', type: 'automated' },
      ],
    });
    const share = (DBSnapshotIdentifier: string, who: string) =>
      rds.send(
        new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier, AttributeName: 'restore', ValuesToAdd: [who] }),
      );
    expect(await refusal(share('encrypted', 'all'))).toBe('InvalidParameterValue');
    expect(await refusal(share('encrypted', '444455556666'))).toBeUndefined();
    expect(await refusal(share('rds:one-2026', '444455556666'))).toBe('InvalidDBSnapshotStateFault');
  });
});
