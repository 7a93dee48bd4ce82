import * as z from 'zod';
import { type Rows, table, type View } from '../rows.ts';
import { awsNoun } from './noun.ts';

/** An instance profile: what an instance carries to be somebody in IAM. */
export type InstanceProfileRow = {
  readonly account: string;
  readonly name: string;
  readonly profileId: string;
  readonly arn: string;
  readonly roleName: string;
};

/** Keyed by ARN. */
export const instanceProfiles = table<InstanceProfileRow>('aws.iam.instance-profiles');

const Profile = z.strictObject({ name: z.string(), id: z.string(), role: z.string() });

/** The profile that an instance is given, by ARN or by name; undefined where the account has none such. */
export const profileNamed = (
  view: View | Rows,
  account: string,
  { arn, name }: { readonly arn?: string | undefined; readonly name?: string | undefined },
): InstanceProfileRow | undefined =>
  view
    .all(instanceProfiles)
    .map(([, row]) => row)
    .find((row) => row.account === account && (arn === undefined ? row.name === name : row.arn === arn));

/** Instance profiles of an account, each with its one role. */
export const iamInstanceProfiles = awsNoun({
  name: 'instanceProfiles',
  scope: 'account',
  estate: z.array(Profile).default([]),
  seed(rows, list, { partition, account }) {
    for (const { name, id: profileId, role: roleName } of list) {
      const arn = `arn:${partition}:iam::${account}:instance-profile/${name}`;
      rows.put(instanceProfiles, arn, { account, name, profileId, arn, roleName });
    }
  },
  operations: {},
});
