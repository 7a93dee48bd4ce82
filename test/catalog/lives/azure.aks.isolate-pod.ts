import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';
import { aksClusterId, aksHost, cartPod, objectAt, reaches, rewriteObject } from '../../support/kubernetes.ts';

export const life: ActionLife = {
  input: { clusterId: aksClusterId, namespace: 'shop', workload: cartPod },
  where: { account: subscription, region: '' },
  attack: (sandbox) => reaches(sandbox, aksHost, [cartPod, 'cart-db-0'], 5432),
  edit: (sandbox) =>
    rewriteObject(sandbox, objectAt(sandbox, aksHost, 'networkpolicies', `cordon-pods-${cartPod}`), ({ spec }) => ({
      spec: { ...spec, egress: [{}] },
    })),
};
