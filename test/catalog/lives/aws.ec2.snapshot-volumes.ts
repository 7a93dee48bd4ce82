import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

export const life: ActionLife = {
  input: { instanceId: 'i-0aa11bb22cc33dd44' },
  where: { account: production, region: 'eu-west-1' },
  attack: { none: 'a snapshot stops nobody: it keeps what the attacker may wipe' },
};
