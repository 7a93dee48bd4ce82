import type { Protection } from '../config/settings.ts';

/** What Cordon never contains by itself, whatever a playbook says. `target` is as capture reads it. */
export const builtInProtections: readonly Protection[] = [
  {
    name: 'the root user',
    when: { target: { id: [{ suffix: ':root' }] } },
    decision: 'deny',
    kind: 'principal',
  },
  {
    name: 'a service-linked role',
    when: { target: { rolePath: [{ prefix: '/aws-service-role/' }] } },
    decision: 'deny',
    kind: 'principal',
  },
  {
    name: 'a role that only IAM Identity Center may edit',
    when: { target: { rolePath: [{ prefix: '/aws-reserved/' }] }, action: [{ prefix: 'aws.iam.' }] },
    decision: 'deny',
    kind: 'principal',
  },
  {
    name: 'Cordon itself',
    when: { target: { roleName: [{ prefix: 'Cordon' }] } },
    decision: 'deny',
    kind: 'principal',
  },
  {
    name: 'a router: NAT, VPN or firewall appliance (source/destination check is off)',
    when: { target: { sourceDestCheck: [false] }, action: [{ prefix: 'aws.ec2.isolate' }] },
    decision: 'deny',
    kind: 'target',
  },
  {
    name: 'a router: IP forwarding is on',
    when: { target: { ipForwarding: [true] }, action: [{ prefix: 'azure.compute.isolate' }] },
    decision: 'deny',
    kind: 'target',
  },
  {
    name: 'a resource that another service manages',
    when: { target: { managedBy: [{ 'anything-but': { prefix: ' ' } }] } },
    decision: 'ask',
    kind: 'target',
  },
];
