import type { Protection } from '../config/guards.ts';

/** `cutting`: marking the target or keeping its evidence stays allowed. */
export type BuiltIn = Protection & { readonly cutting?: true };

const denied = (name: string, kind: Protection['kind'], when: Protection['when']): BuiltIn => ({
  name,
  when,
  decision: 'deny',
  kind,
});

/** Roles that AWS or an organisation's own plumbing works through, by the names AWS gives them. */
const plumbing = [
  'OrganizationAccountAccessRole',
  'AWSControlTowerExecution',
  'AWSCloudFormationStackSetExecutionRole',
  'AWSCloudFormationStackSetAdministrationRole',
] as const;

const principals: readonly BuiltIn[] = [
  denied('the root user', 'principal', { target: { id: [{ suffix: ':root' }] } }),
  denied('a service-linked role', 'principal', { target: { rolePath: [{ prefix: '/aws-service-role/' }] } }),
  denied('a service-linked role', 'principal', { target: { roleName: [{ prefix: 'AWSServiceRoleFor' }] } }),
  denied('a role that only IAM Identity Center may edit', 'principal', {
    $or: [
      { target: { rolePath: [{ prefix: '/aws-reserved/' }] } },
      { target: { roleName: [{ prefix: 'AWSReservedSSO_' }] } },
      { input: { roleName: [{ prefix: 'AWSReservedSSO_' }] } },
    ],
    action: [{ prefix: 'aws.iam.' }],
  }),
  denied('a service-linked role', 'principal', { input: { roleName: [{ prefix: 'AWSServiceRoleFor' }] } }),
  denied('a role through which the organisation is run', 'principal', {
    $or: [
      { target: { roleName: [...plumbing, { prefix: 'stacksets-exec-' }] } },
      { input: { roleName: [...plumbing, { prefix: 'stacksets-exec-' }] } },
    ],
  }),
  denied('the account that syncs the directory', 'principal', {
    $or: [
      { target: { userPrincipalName: [{ prefix: { 'equals-ignore-case': 'Sync_' } }] } },
      { input: { user: [{ prefix: { 'equals-ignore-case': 'Sync_' } }] } },
      { target: { subject: { userPrincipalName: [{ prefix: { 'equals-ignore-case': 'Sync_' } }] } } },
    ],
  }),
];

/** Interfaces that carry other people's traffic (docs.aws.amazon.com/AWSEC2, NetworkInterface, interfaceType). */
const carriers = [
  'nat_gateway',
  'network_load_balancer',
  'gateway_load_balancer',
  'gateway_load_balancer_endpoint',
  'vpc_endpoint',
  'transit_gateway',
];
/** Subnets that hold one thing only, and what Azure calls them. */
const gatewaySubnets = [
  'GatewaySubnet',
  'AzureFirewallSubnet',
  'AzureFirewallManagementSubnet',
  'AzureBastionSubnet',
  'RouteServerSubnet',
];

const network: readonly BuiltIn[] = [
  denied('a router: NAT, VPN or firewall appliance (source/destination check is off)', 'target', {
    target: { sourceDestCheck: [false] },
    action: [{ prefix: 'aws.ec2.isolate' }, 'aws.asg.detach-instance'],
  }),
  denied('a router: IP forwarding is on', 'target', {
    target: { ipForwarding: [true] },
    action: [{ prefix: 'azure.compute.isolate' }, 'azure.compute.deallocate-virtual-machine'],
  }),
  {
    ...denied('in front of a NAT gateway, an endpoint, a transit gateway or a network load balancer', 'target', {
      target: { interfaceTypes: carriers },
    }),
    cutting: true,
  },
  {
    ...denied('in a subnet of a VPN or ExpressRoute gateway, a firewall, a bastion or a route server', 'target', {
      target: { subnets: gatewaySubnets.map((name) => ({ 'equals-ignore-case': name })) },
    }),
    cutting: true,
  },
  {
    ...denied('in a subnet with private endpoints', 'target', {
      target: { privateEndpoints: [true] },
      action: [{ prefix: 'azure.network.' }],
    }),
    decision: 'ask',
    cutting: true,
  },
  {
    ...denied('a resource that another service manages', 'target', {
      target: { managedBy: [{ 'anything-but': { prefix: ' ' } }] },
    }),
    decision: 'ask',
  },
];

/** Namespaces that a cluster, its cloud and its networks work through. */
const systemNamespaces = [
  { prefix: 'kube-' },
  { prefix: 'calico-' },
  { prefix: 'istio-' },
  ...['amazon-cloudwatch', 'amazon-guardduty', 'aks-command', 'app-routing-system', 'azure-arc', 'cert-manager'],
  ...['cilium', 'gatekeeper-system', 'ingress-nginx', 'karpenter', 'tigera-operator'],
];

const clusters: readonly BuiltIn[] = [
  {
    ...denied('in a namespace that the cluster itself works through', 'target', {
      target: { namespace: systemNamespaces },
    }),
    decision: 'ask',
    cutting: true,
  },
  {
    ...denied('on every node: a DaemonSet', 'target', {
      $or: [{ target: { ownerKind: ['DaemonSet'] } }, { target: { kind: ['daemonsets'] } }],
    }),
    decision: 'ask',
    cutting: true,
  },
];

/** Names prove nothing, so that a person is asked: what is called like ours may be an attacker's. */
const lookalikes: readonly BuiltIn[] = [
  {
    ...denied('a storage account that is called like those of Cordon itself', 'target', {
      target: {
        type: ['azure.storage.account'],
        name: [{ prefix: 'cordonhost' }, { prefix: 'cordonstate' }, { prefix: 'cordondead' }],
      },
    }),
    decision: 'ask',
    cutting: true,
  },
  {
    ...denied('a function that is called like those of Cordon itself', 'target', {
      target: { functionName: [{ prefix: 'cordon-' }] },
    }),
    decision: 'ask',
    cutting: true,
  },
];

/**
 * What Cordon never contains by itself, whatever a playbook says: patterns over `{ finding, target, action, input }`.
 * `target` holds the facts that were read a moment ago. Where the resource itself is protected the answer is final;
 * where something protected lives beside others a person is asked.
 */
export const builtInProtections: readonly BuiltIn[] = [...principals, ...network, ...clusters, ...lookalikes];
