import type { AwsSession } from '../../actions/aws/aws-action.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target, TargetType } from '../../model/target.ts';

/** Reads the facts of one type of target; undefined where it does not exist. */
export type Inspect = (session: AwsSession, target: Target) => Promise<JsonObject | undefined>;

/** Loaded only when a target of the type comes up. */
const inspectors: { readonly [T in TargetType]?: () => Promise<Inspect> } = {
  'aws.ec2.instance': () => import('./inspect-ec2.ts').then(({ inspectInstance }) => inspectInstance),
  'aws.ec2.security-group': () => import('./inspect-ec2.ts').then(({ inspectSecurityGroup }) => inspectSecurityGroup),
  'aws.ebs.snapshot': () => import('./inspect-images.ts').then(({ inspectSnapshot }) => inspectSnapshot),
  'aws.ec2.image': () => import('./inspect-images.ts').then(({ inspectImage }) => inspectImage),
  'aws.eks.workload': () => import('./inspect-eks.ts').then(({ inspectWorkload }) => inspectWorkload),
  'aws.iam.access-key': () => import('./inspect-iam.ts').then(({ inspectUser }) => inspectUser),
  'aws.iam.user': () => import('./inspect-iam.ts').then(({ inspectUser }) => inspectUser),
  'aws.iam.role': () => import('./inspect-iam.ts').then(({ inspectRole }) => inspectRole),
  'aws.iam.role-session': () => import('./inspect-iam.ts').then(({ inspectRole }) => inspectRole),
  'aws.lambda.function': () => import('./inspect-lambda.ts').then(({ inspectFunction }) => inspectFunction),
  'aws.rds.instance': () => import('./inspect-rds.ts').then(({ inspectDatabase }) => inspectDatabase),
  'aws.rds.snapshot': () => import('./inspect-rds.ts').then(({ inspectDatabaseSnapshot }) => inspectDatabaseSnapshot),
  'aws.s3.object': () => import('./inspect-s3.ts').then(({ inspectObject }) => inspectObject),
  'aws.s3.bucket': () => import('./inspect-s3.ts').then(({ inspectBucket }) => inspectBucket),
};

/** The target's own facts as read now; none for a type that has none to read. */
export async function inspectAws(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  const inspect = await inspectors[target.type]?.();
  return inspect ? inspect(session, target) : {};
}
