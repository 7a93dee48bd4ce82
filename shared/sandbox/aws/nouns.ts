import { iamRoles } from './iam-roles.ts';
import { iamUsers } from './iam-users.ts';
import type { AwsNoun } from './noun.ts';
import { s3Buckets } from './s3-buckets.ts';
import { s3Objects } from './s3-objects.ts';
import { securityTokens } from './sts.ts';

/** Everything the simulated AWS is made of. */
export const awsNouns: readonly AwsNoun[] = [iamUsers, iamRoles, securityTokens, s3Buckets, s3Objects];
