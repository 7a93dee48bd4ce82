import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';
import { checkoutPod, eksHost, callsHome, objectAt, rewriteObject } from '../../support/kubernetes.ts';

export const life: ActionLife = {
  input: { clusterName: 'shop', namespace: 'shop', workload: checkoutPod },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) => callsHome(sandbox, eksHost, checkoutPod),
  edit: (sandbox) =>
    rewriteObject(sandbox, objectAt(sandbox, eksHost, 'pods', checkoutPod), ({ labels }) => ({
      labels: { ...labels, app: 'debug' },
    })),
};
