import { securityGroupRules } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey, rulesOf } from '../../../shared/sandbox/aws/ec2-rules.ts';
import { reach } from '../../../shared/sandbox/aws/network.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const groupId = 'sg-0aa11bb22cc330013';

export const life: ActionLife = {
  input: { groupId, port: 22 },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    ['203.0.113.66', '2001:db8:bad::66'].some(
      (from) => reach(sandbox, { from, to: 'i-0aa11bb22cc33dd44', port: 22 }) === 'connected',
    ),
  /** Somebody drops a rule that Cordon left in the place of a wider one. */
  edit({ rows }) {
    const narrower = rulesOf(rows, groupId).find(({ fromPort }) => fromPort === 23);
    if (narrower) rows.delete(securityGroupRules, ruleKey(narrower));
  },
};
