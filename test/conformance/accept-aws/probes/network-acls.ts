import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { type Probe, probesOf } from '../probe.ts';

const acl = 'acl-0aa11bb22cc33dd00';
const unknown = 'acl-0ffffffffffffffff';
const place = { RuleNumber: 7, Egress: false };
const deny = { ...place, RuleAction: 'deny', Protocol: '-1', CidrBlock: '203.0.113.7/32' } as const;

const ec2 = probesOf('ec2', EC2Client);

/** Network ACLs. Some change what later ones see. */
export const networkAclProbes: readonly Probe[] = [
  ec2('DescribeNetworkAcls by subnet', (client, id) => {
    const Filters = [{ Name: 'association.subnet-id', Values: [id('subnet-0aa11bb22cc330001')] }];
    return client.send(new DescribeNetworkAclsCommand({ Filters }));
  }),
  ec2('DescribeNetworkAcls of an unknown id', (client) =>
    client.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [unknown] })),
  ),
  ec2('CreateNetworkAclEntry', (client, id) =>
    client.send(new CreateNetworkAclEntryCommand({ NetworkAclId: id(acl), ...deny })),
  ),
  ec2('CreateNetworkAclEntry twice', (client, id) =>
    client.send(new CreateNetworkAclEntryCommand({ NetworkAclId: id(acl), ...deny })),
  ),
  ec2('CreateNetworkAclEntry of an unknown ACL', (client) =>
    client.send(new CreateNetworkAclEntryCommand({ NetworkAclId: unknown, ...deny })),
  ),
  ec2('DeleteNetworkAclEntry', (client, id) =>
    client.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id(acl), ...place })),
  ),
  ec2('DeleteNetworkAclEntry of an unknown rule', (client, id) =>
    client.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id(acl), ...place })),
  ),
  ec2('DeleteNetworkAclEntry of an unknown ACL', (client) =>
    client.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: unknown, ...place })),
  ),
];
