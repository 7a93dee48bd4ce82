import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { type IdOf, type Probe, probesOf } from '../probe.ts';

const web = 'i-0aa11bb22cc33dd44';
const unknown = 'iip-assoc-0ffffffffffffffff';
const worker = { Name: 'batch-worker' };

const ec2 = probesOf('ec2', EC2Client);

const associations = (id: IdOf) =>
  new DescribeIamInstanceProfileAssociationsCommand({ Filters: [{ Name: 'instance-id', Values: [id(web)] }] });

async function associationOf(client: EC2Client, id: IdOf): Promise<string | undefined> {
  const { IamInstanceProfileAssociations: [first] = [] } = await client.send(associations(id));
  return first?.AssociationId;
}

/** Which profile an instance carries. Some change what later ones see. */
export const instanceProfileProbes: readonly Probe[] = [
  ec2('DescribeIamInstanceProfileAssociations', (client, id) => client.send(associations(id))),
  ec2('AssociateIamInstanceProfile to an instance that has one', (client, id) =>
    client.send(new AssociateIamInstanceProfileCommand({ InstanceId: id(web), IamInstanceProfile: worker })),
  ),
  ec2('AssociateIamInstanceProfile of an unknown profile', (client, id) => {
    const IamInstanceProfile = { Name: 'unknown' };
    return client.send(new AssociateIamInstanceProfileCommand({ InstanceId: id(web), IamInstanceProfile }));
  }),
  ec2('ReplaceIamInstanceProfileAssociation', async (client, id) => {
    const AssociationId = await associationOf(client, id);
    return client.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile: worker }));
  }),
  ec2('ReplaceIamInstanceProfileAssociation of an unknown one', (client) =>
    client.send(
      new ReplaceIamInstanceProfileAssociationCommand({ AssociationId: unknown, IamInstanceProfile: worker }),
    ),
  ),
  ec2('DisassociateIamInstanceProfile', async (client, id) => {
    const AssociationId = await associationOf(client, id);
    return client.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
  }),
  ec2('DisassociateIamInstanceProfile of an unknown one', (client) =>
    client.send(new DisassociateIamInstanceProfileCommand({ AssociationId: unknown })),
  ),
  ec2('DescribeIamInstanceProfileAssociations of none', (client, id) => client.send(associations(id))),
];
