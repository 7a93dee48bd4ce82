import { isRecording } from '../../../shared/sandbox/aws/config-recorders.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const where = { account: production, region: 'eu-central-1' };

export const life: ActionLife = {
  input: { recorderName: 'default' },
  where,
  /** Changing a resource of which no version is kept. */
  attack: ({ rows }) => !isRecording(rows, where),
};
