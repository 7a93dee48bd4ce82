import { isWatched } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const where = { account: production, region: 'eu-central-1' };

export const life: ActionLife = {
  input: { features: ['S3_DATA_EVENTS'] },
  where,
  /** Reading a bucket where GuardDuty looks away. */
  attack: ({ rows }) => !isWatched(rows, where, 'S3_DATA_EVENTS'),
  unused: {
    'guardduty:CreateDetector': 'only where the detector is gone: test/actions/aws/logging.test.ts',
    'guardduty:TagResource': 'marks a detector that is made',
  },
};
