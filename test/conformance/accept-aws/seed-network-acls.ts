import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  type NetworkAcl,
} from '@aws-sdk/client-ec2';
import { type AclEntry, networkAcls } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { idOn, rowsOf, type Seeding } from './seeding.ts';

/** The rule that denies what no other allows: nobody puts it there. */
const last = 32_767;

/** The network ACL that moto made with a VPC. */
async function defaultOf(to: Seeding, vpcId: string): Promise<NetworkAcl> {
  const Filters = [
    { Name: 'vpc-id', Values: [idOn(to, vpcId)] },
    { Name: 'default', Values: ['true'] },
  ];
  const { NetworkAcls: [acl] = [] } = await to.client(EC2Client).send(new DescribeNetworkAclsCommand({ Filters }));
  if (acl) return acl;
  throw new Error(`moto made no network ACL with ${vpcId}`);
}

const spelt = ({ number, egress, action, protocol, cidr, ports }: AclEntry) => ({
  RuleNumber: number,
  Egress: egress,
  RuleAction: action,
  Protocol: protocol,
  ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
  ...(ports && { PortRange: { From: ports[0], To: ports[1] } }),
});

/** The network ACL of each VPC, with the estate's rules in the place of moto's; the estate has no others. */
export async function seedNetworkAcls(to: Seeding): Promise<void> {
  const ec2 = to.client(EC2Client);
  for (const { networkAclId, vpcId, isDefault, entries } of rowsOf(to, networkAcls)) {
    if (!isDefault) throw new Error(`${networkAclId}: moto is seeded with the network ACLs of VPCs alone`);
    const { NetworkAclId, Entries = [] } = await defaultOf(to, vpcId);
    to.ids.set(networkAclId, NetworkAclId ?? '');
    for (const { RuleNumber = last, Egress } of Entries)
      if (RuleNumber < last) await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber, Egress }));
    for (const entry of entries) await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...spelt(entry) }));
  }
}
