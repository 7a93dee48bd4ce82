import type { AwsSession } from '../../actions/aws/aws-action.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target, TargetType } from '../../model/target.ts';

/** Reads the facts of one type of target; undefined where it does not exist. */
export type Inspect = (session: AwsSession, target: Target) => Promise<JsonObject | undefined>;

/** Loaded only when a target of the type comes up. */
const inspectors: { readonly [T in TargetType]?: () => Promise<Inspect> } = {
  'aws.ec2.instance': () => import('./inspect-ec2.ts').then(({ inspectInstance }) => inspectInstance),
  'aws.ec2.security-group': () => import('./inspect-ec2.ts').then(({ inspectSecurityGroup }) => inspectSecurityGroup),
  'aws.iam.access-key': () => import('./inspect-iam.ts').then(({ inspectUser }) => inspectUser),
  'aws.iam.user': () => import('./inspect-iam.ts').then(({ inspectUser }) => inspectUser),
  'aws.iam.role-session': () => import('./inspect-iam.ts').then(({ inspectRoleSession }) => inspectRoleSession),
  'aws.s3.object': () => import('./inspect-s3.ts').then(({ inspectObject }) => inspectObject),
  'aws.s3.bucket': () => import('./inspect-s3.ts').then(({ inspectBucket }) => inspectBucket),
};

/** The target's own facts as read now; none for a type that has none to read. */
export async function inspectAws(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  const inspect = await inspectors[target.type]?.();
  return inspect ? inspect(session, target) : {};
}
