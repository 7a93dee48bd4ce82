import { isRecorded } from '../../../shared/sandbox/aws/cloudtrail-trails.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const where = { account: production, region: 'eu-central-1' };
const trailArn = `arn:aws:cloudtrail:eu-central-1:${production}:trail/northwind-frankfurt`;

export const life: ActionLife = {
  input: { trailArn },
  where,
  /** A call that leaves no record in the trail. */
  attack: ({ rows }) => !isRecorded(rows, where, trailArn),
  unused: {
    'cloudtrail:GetEventSelectors': 'only where selectors are wanted: test/actions/aws/logging.test.ts',
    'cloudtrail:PutEventSelectors': 'for the same reason',
  },
};
