import { describe, expect, it } from 'vitest';
import { rdsDisablePublicAccess } from '../../../shared/actions/aws/rds-disable-public-access.ts';
import { rdsUnshareSnapshot } from '../../../shared/actions/aws/rds-unshare-snapshot.ts';
import { type DatabaseRow, databases } from '../../../shared/sandbox/aws/rds-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const arnOf = (id: string): string => `arn:aws:rds:eu-west-1:${production}:db:${id}`;
const rowOf = ({ rows }: Sandbox, id: string): DatabaseRow => rows.get(databases, arnOf(id)) as DatabaseRow; // the estate has it

describe('taking a database off the internet', () => {
  it('takes every member of its cluster, which hold the same data', async () => {
    const { plan } = await acting(rdsDisablePublicAccess, { instanceIdentifier: 'orders-1' });
    expect(await plan()).toEqual([
      { resource: 'orders-1', from: true, to: false },
      { resource: 'orders-2', from: true, to: false },
    ]);
  });

  it('leaves other changes waiting for their window, which would restart the database', async () => {
    const { contain, sandbox } = await acting(rdsDisablePublicAccess, { instanceIdentifier: 'orders-1' });
    await contain();
    expect(rowOf(sandbox, 'orders-1')).toMatchObject({
      publiclyAccessible: false,
      instanceClass: 'db.r7g.large',
      pendingClass: 'db.r7g.2xlarge',
    });
  });

  it('is to be tried again while the database takes no change', async () => {
    const busy = ({ rows }: Sandbox) =>
      rows.put(databases, arnOf('orders-1'), {
        ...(rows.get(databases, arnOf('orders-1')) as DatabaseRow), // the estate has it
        status: 'backing-up',
      });
    const { contain } = await acting(rdsDisablePublicAccess, { instanceIdentifier: 'orders-1' }, { prepare: busy });
    await expect(contain()).rejects.toMatchObject({ code: 'InvalidDBInstanceState', retryable: true });
  });

  it('has nothing to do where there is no such database', async () => {
    const { capture } = await acting(rdsDisablePublicAccess, { instanceIdentifier: 'gone' });
    expect(await capture()).toEqual({});
  });
});

describe('ending the sharing of a database snapshot', () => {
  it('takes it from everybody and leaves those who were given it by name', async () => {
    const input = { snapshotIdentifier: 'reports-2026-11', from: ['everybody'] };
    const { plan, contain, capture } = await acting(rdsUnshareSnapshot, input);
    await contain(await plan());
    expect(Object.keys(await capture())).toEqual([
      'snapshot:reports-2026-11',
      'snapshot:reports-2026-11/444455556666',
      'snapshot:reports-2026-11/777788889999',
    ]);
  });

  it('takes a snapshot of a cluster from everybody, and gives it back', async () => {
    const input = { snapshotIdentifier: 'orders-before-upgrade', ofCluster: true };
    const { plan, contain, release, capture } = await acting(rdsUnshareSnapshot, input);
    const [before, changes] = [await capture(), await plan()];
    await contain(changes);
    expect(await capture()).toEqual({ 'cluster-snapshot:orders-before-upgrade': null });
    await release(changes);
    expect(await capture()).toEqual(before);
  });
});
