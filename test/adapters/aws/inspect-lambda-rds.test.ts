import { describe, expect, it } from 'vitest';
import { awsReads } from '../../../shared/adapters/aws/reads.ts';
import { type Target, Target as Targets } from '../../../shared/model/target.ts';
import { company, production } from '../../support/company.ts';
import { grantExactly } from '../../support/rights.ts';

const where = { account: production, region: 'eu-west-1' };
const common = { ...where, role: 'affected' } as const;
const roleArn = `arn:aws:iam::${production}:role/service-role/resize-images`;
const lambda = (functionName: string): Target =>
  Targets.parse({
    type: 'aws.lambda.function',
    id: functionName,
    name: functionName,
    ...common,
    functionName,
    roleArn,
  });
const database = (id: string): Target =>
  Targets.parse({ type: 'aws.rds.instance', id, name: id, ...common, instanceIdentifier: id });
const snapshot = (id: string, ofCluster: boolean): Target =>
  Targets.parse({ type: 'aws.rds.snapshot', id, name: id, ...common, snapshotIdentifier: id, ofCluster });

/** What the reader finds out with no more rights than are declared for the type. */
async function inspected(target: Target) {
  const { sandbox, clouds } = company();
  grantExactly(sandbox, { cloud: 'aws' }, { read: awsReads.inspect[target.type] ?? [], write: [] }, {}, where);
  const { signal } = new AbortController();
  const session = await clouds.session({ cloud: 'aws', ...where, rights: 'reader', runId: 'run', signal });
  return clouds.inspect(session, target);
}

describe('inspecting functions and databases', () => {
  it.each<[string, Target, object | undefined]>([
    [
      'a function, with the id of its role',
      lambda('resize-images'),
      { roleName: 'resize-images', roleId: 'AROARESIZEIMAGES00001', tags: { environment: 'production' } },
    ],
    ['a function that is gone', lambda('gone'), undefined],
    [
      'a database, with its cluster',
      database('orders-1'),
      { clusterIdentifier: 'orders', publiclyAccessible: true, tags: { environment: 'production' } },
    ],
    ['a database that is gone', database('gone'), undefined],
    ['a snapshot', snapshot('reports-2026-11', false), { tags: {} }],
    ['a snapshot of a cluster', snapshot('orders-before-upgrade', true), { tags: {} }],
    ['a snapshot that is gone', snapshot('reports-2026-11', true), undefined],
  ])('tells of %s', async (_, target, expected) => {
    expect(await inspected(target)).toEqual(expected);
  });
});
