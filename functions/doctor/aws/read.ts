import type { AwsClient, AwsSession } from '../../../shared/actions/aws/aws-action.ts';

/** What there is to try reads on; a read whose thing is not there cannot be tried. */
export type Things = {
  /** Some of the account; one may shut everybody out by a policy of its own. */
  readonly buckets: readonly string[];
  /** S3 hides from whoever may not list a bucket that there is no such object: reads of objects are tried on a real one. */
  readonly object?: { readonly bucket: string; readonly key: string };
  /** Where copies of malicious objects are kept: the one bucket that is listed. */
  readonly quarantine?: { readonly name: string; readonly account: string; readonly region: string };
  readonly detectorId?: string;
  readonly hub?: true;
  readonly instance?: { readonly arn: string; readonly store: string };
};

type Send = (signal: AbortSignal) => Promise<unknown>;
/** One harmless call that needs just this right; undefined where there is nothing to try it on. */
export type Read = (aws: AwsSession, things: Things) => Send | undefined;

/** Nobody and nothing has this name: AWS looks at the right first, and says only then that there is no such thing. */
export const nobody = 'cordon-doctor-asks-for-nobody';

/** Reads by one client in the session's own account and region. */
export const sendsOf =
  <C>(Client: AwsClient<C>) =>
  (make: (client: C, abortSignal: AbortSignal, aws: AwsSession) => Promise<unknown>): Read =>
  (aws) =>
  (signal) =>
    make(aws.client(Client), signal, aws);
