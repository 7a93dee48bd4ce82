import { parse } from 'yaml';
import * as z from 'zod';
import { InvalidInput } from '../model/error.ts';
import { AwsAccountId, AwsRegion, SubscriptionId } from '../model/identifiers.ts';
import { awsNouns } from './aws/nouns.ts';
import { azureNouns } from './azure/nouns.ts';
import type { World } from './world.ts';

type Noun = { readonly name: string; readonly scope: string; readonly estate: z.ZodType };

const shapeOf = (nouns: readonly Noun[], scope: string): z.ZodRawShape =>
  Object.fromEntries(nouns.filter((noun) => noun.scope === scope).map(({ name, estate }) => [name, estate.optional()]));

const Account = z.strictObject({
  name: z.string(),
  ...shapeOf(awsNouns, 'account'),
  regions: z.record(AwsRegion, z.strictObject(shapeOf(awsNouns, 'region'))).default({}),
});
const Subscription = z.strictObject({ name: z.string(), ...shapeOf(azureNouns, 'subscription') });

/** A company on two clouds, as an estate file describes it. */
export const Estate = z.strictObject({
  name: z.string(),
  /** When the story begins. */
  now: z.iso.datetime(),
  aws: z
    .strictObject({
      partition: z.string().default('aws'),
      organization: z.string().default(''),
      accounts: z.record(AwsAccountId, Account).default({}),
    })
    .prefault({}),
  azure: z
    .strictObject({
      tenant: z.uuid(),
      ...shapeOf(azureNouns, 'tenant'),
      subscriptions: z.record(SubscriptionId, Subscription).default({}),
    })
    .optional(),
});
export type Estate = z.infer<typeof Estate>;

/** Reads an estate file (YAML). Throws `InvalidInput` with the path of the first thing that is wrong. */
export function parseEstate(text: string, file: string): Estate {
  const parsed = Estate.safeParse(parse(text, { version: '1.2', maxAliasCount: 0 }));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidInput({
    code: 'bad-estate',
    message: issue?.message ?? 'the estate does not fit its schema',
    place: { file, path: issue?.path.join('.') ?? '' },
    remedy: 'Compare it with test/fixtures/estates/northwind.yaml.',
  });
}

const sectionOf = (section: object, name: string): unknown =>
  Object.entries(section).find(([key]) => key === name)?.[1];

function seedAws(rows: World['rows'], { partition, organization, accounts }: Estate['aws']): void {
  for (const [account, section] of Object.entries(accounts)) {
    const place = { partition, organization, account, region: '' };
    for (const noun of awsNouns.filter(({ scope }) => scope === 'account'))
      noun.seed(rows, noun.estate.parse(sectionOf(section, noun.name)), place);
    for (const [region, regional] of Object.entries(section.regions))
      for (const noun of awsNouns.filter(({ scope }) => scope === 'region'))
        noun.seed(rows, noun.estate.parse(sectionOf(regional, noun.name)), { ...place, region });
  }
}

function seedAzure(rows: World['rows'], azure: NonNullable<Estate['azure']>): void {
  const { tenant, subscriptions } = azure;
  for (const noun of azureNouns.filter(({ scope }) => scope === 'tenant'))
    noun.seed(rows, noun.estate.parse(sectionOf(azure, noun.name)), { tenant, subscription: '' });
  for (const [subscription, section] of Object.entries(subscriptions))
    for (const noun of azureNouns.filter(({ scope }) => scope === 'subscription'))
      noun.seed(rows, noun.estate.parse(sectionOf(section, noun.name)), { tenant, subscription });
}

/** Fills the rows of a world. */
export function seed(rows: World['rows'], estate: Estate): void {
  seedAws(rows, estate.aws);
  if (estate.azure) seedAzure(rows, estate.azure);
}
