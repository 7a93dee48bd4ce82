import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { instances as identityCenters } from '../../../shared/sandbox/aws/sso-rows.ts';
import type { Clouds } from '../../../shared/ports/clouds.ts';
import type { View } from '../../../shared/sandbox/rows.ts';
import { runId } from './names.ts';
import { seedAutoScaling } from './seed-auto-scaling.ts';
import { seedEc2 } from './seed-ec2.ts';
import { seedEks } from './seed-eks.ts';
import { seedIam } from './seed-iam.ts';
import { seedImages } from './seed-images.ts';
import { seedLambda } from './seed-lambda.ts';
import { seedLogging } from './seed-logging.ts';
import { seedNetworkAcls } from './seed-network-acls.ts';
import { seedRds } from './seed-rds.ts';
import { seedS3 } from './seed-s3.ts';
import { seedSso } from './seed-sso.ts';
import type { Seeding } from './seeding.ts';

/** The region that is asked for, and Identity Center's home where the account is one. */
const regionsOf = (rows: View, account: string, region: string): ReadonlySet<string> => {
  const homes = rows.all(identityCenters).flatMap(([, home]) => (home.account === account ? [home.region] : []));
  return new Set([region, ...homes]);
};

/** Each needs what stands before it. */
const inOrder = [
  ...[seedEc2, seedNetworkAcls, seedImages, seedAutoScaling, seedEks, seedS3, seedLambda, seedRds, seedLogging],
  seedSso,
];

/** Builds on an empty moto what the estate holds in these accounts and region, and answers with moto's ids. */
export async function seedMoto(
  clouds: Clouds,
  rows: View,
  accounts: readonly string[],
  region: string,
): Promise<ReadonlyMap<string, string>> {
  const signal = AbortSignal.timeout(60_000);
  const ids = new Map<string, string>();
  for (const account of accounts) {
    const at = async (place: string): Promise<Seeding> => {
      const session = await clouds.session({ cloud: 'aws', account, region: place, rights: 'writer', runId, signal });
      return { rows, account, region: place, client: (session as AwsSession).client, ids }; // of the AWS adapter
    };
    await seedIam(await at(region));
    for (const place of regionsOf(rows, account, region)) for (const seed of inOrder) await seed(await at(place));
  }
  return ids;
}
