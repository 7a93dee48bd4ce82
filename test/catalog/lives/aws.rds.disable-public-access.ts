import { type DatabaseRow, databases } from '../../../shared/sandbox/aws/rds-rows.ts';
import { reachDatabase } from '../../../shared/sandbox/aws/rds-instances.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const arn = (id: string): string => `arn:aws:rds:eu-west-1:${production}:db:${id}`;

export const life: ActionLife = {
  input: { instanceIdentifier: 'orders-1' },
  where: { account: production, region: 'eu-west-1' },
  // The second one holds the same data.
  attack: (sandbox) =>
    ['orders-1', 'orders-2'].some((id) => reachDatabase(sandbox, '203.0.113.63', arn(id)) === 'connected'),
  /** Somebody deletes the second one. */
  edit: ({ rows }) => {
    const row = rows.get(databases, arn('orders-2')) as DatabaseRow; // the estate has it
    rows.delete(databases, row.arn);
  },
};
