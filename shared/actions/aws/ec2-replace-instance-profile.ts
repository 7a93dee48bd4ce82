import {
  AssociateIamInstanceProfileCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  type IamInstanceProfileAssociation,
  paginateDescribeIamInstanceProfileAssociations,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { InstanceId } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { findInstance } from './find-instance.ts';
import { patiently } from './own-security-group.ts';

const ProfileName = z
  .string()
  .regex(/^[\w+=,.@-]{0,128}$/, 'the name of an instance profile')
  .default('')
  .describe(
    'A profile of the account with next to no rights, to go in the place of the other; without one there is none.',
  );

/** No profile can be called so. */
const none = '(none)';
const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** What an instance has now, or is about to have; what is on its way out does not count. */
async function associationOf(
  aws: AwsSession,
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<IamInstanceProfileAssociation | undefined> {
  const Filters = [{ Name: 'instance-id', Values: [instanceId] }];
  const client = aws.client(EC2Client);
  const pages = paginateDescribeIamInstanceProfileAssociations({ client }, { Filters }, { abortSignal });
  const all = (await Array.fromAsync(pages)).flatMap((one) => one.IamInstanceProfileAssociations ?? []);
  return all.find(({ State }) => State === 'associated' || State === 'associating');
}

const instance = 'arn:{partition}:ec2:{region}:{account}:instance/{instanceId}';

/**
 * Takes an instance's role away, or gives it a minimal one (docs.aws.amazon.com/AWSEC2, ReplaceIamInstanceProfileAssociation), so that
 * nobody on it gets new credentials of that role.
 */
export const ec2ReplaceInstanceProfile = awsAction({
  id: 'aws.ec2.replace-instance-profile',
  title: 'Take an instance’s role away',
  target: 'aws.ec2.instance',
  d3fend: 'D3-CR',
  input: z.strictObject({
    instanceId: InstanceId.describe('The instance, as i-0123456789abcdef0.'),
    profileName: ProfileName,
  }),
  /** The profile by its name, of which an account has one, whatever path stands before it; `(none)` without one. */
  value: z.string(),
  permissions: {
    read: [
      { allow: 'ec2:DescribeIamInstanceProfileAssociations', on: '*' },
      { allow: 'ec2:DescribeInstances', on: '*' },
    ],
    write: [
      { allow: 'ec2:DescribeIamInstanceProfileAssociations', on: '*' },
      { allow: 'ec2:AssociateIamInstanceProfile', on: instance },
      { allow: 'ec2:ReplaceIamInstanceProfileAssociation', on: instance },
      { allow: 'ec2:DisassociateIamInstanceProfile', on: instance },
      {
        allow: 'iam:PassRole',
        on: 'arn:{partition}:iam::{account}:role/*',
        when: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
      },
    ],
  },
  settles: { seconds: 15 },
  cautions: [
    'Credentials that were issued already live on, for up to six hours, wherever they are: end the session as well.',
    'The metadata service may hand out what it has in its cache for some minutes more.',
    'Whatever on the instance calls AWS by its role fails, the Systems Manager agent included unless the new profile lets it.',
  ],
  examples: [
    { instanceId: 'i-0123456789abcdef0' },
    { instanceId: 'i-0123456789abcdef0', profileName: 'quarantined-instance' },
  ],
}).does({
  async capture(aws, { instanceId }, { signal }) {
    const arn = (await associationOf(aws, instanceId, signal))?.IamInstanceProfile?.Arn;
    if (arn !== undefined) return { [instanceId]: nameIn(arn) };
    return (await findInstance(aws, instanceId, signal)) ? { [instanceId]: none } : {};
  },
  plan: ({ profileName }, seen) =>
    Object.fromEntries(
      Object.entries(seen).map(([id, name]) => [id, name === none || profileName === '' ? none : profileName]),
    ),
  async apply(aws, { resource: InstanceId, to }, step) {
    const client = aws.client(EC2Client);
    const sending = { abortSignal: step.signal };
    const wanted = to === none ? null : to;
    const IamInstanceProfile = { Name: wanted ?? '' };
    // an association that is only just made or ended takes no change for some seconds
    await patiently(step, ['IncorrectState'], async () => {
      const { AssociationId } = (await associationOf(aws, InstanceId, step.signal)) ?? {};
      if (wanted && AssociationId === undefined)
        await client.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile }), sending);
      else if (wanted) {
        const command = new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile });
        await client.send(command, sending);
      } else if (AssociationId !== undefined) {
        const command = new DisassociateIamInstanceProfileCommand({ AssociationId });
        await unlessAbsent(['InvalidAssociationID.NotFound'], () => client.send(command, sending));
      }
    });
  },
});
