import * as z from 'zod';
import type { Severity as Caption } from '../../model/finding.ts';
import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import { isObject } from '../../model/json.ts';
import { Instant, OptionalInstant, Text } from '../shape.ts';

const hasText = (entry: [string, unknown]): entry is [string, string] =>
  typeof entry[1] === 'string' && entry[1] !== '';

/** An object's own members that are text and not empty, whatever they are called. */
const Texts = z
  .unknown()
  .optional()
  .transform(
    (value): ReadonlyMap<string, string> => new Map(Object.entries(isObject(value) ? value : {}).filter(hasText)),
  );

const TextList = z
  .array(Text)
  .nullish()
  .transform((texts) => (texts ?? []).filter((text) => text !== undefined));

/**
 * `arn:…:securityhub:region:account:product/company/name` as who reports the finding. AWS's own products have no
 * account in theirs, and only AWS can import findings under them (docs.aws.amazon.com/securityhub, "ProductArn").
 */
const ProductArn = z.string().transform((arn, context) => {
  const { partition = '', service, region = '', account = '', resource = '' } = parseArn(arn) ?? {};
  const [kind, company, name, ...more] = resource.split('/');
  if (service === 'securityhub' && kind === 'product' && company && name && more.length === 0) {
    const isAws = account === '' && company === 'aws';
    return { arn, partition, region, name, aws: isAws ? name : undefined };
  }
  context.issues.push({ code: 'custom', message: 'not the ARN of a product', input: arn });
  return z.NEVER;
});

const Rated = z.object({
  Label: Text,
  Original: Text,
  Product: z.number().nullish(),
  Normalized: z.number().nullish(),
});
const Severity = Rated.nullish().transform((severity) => severity ?? Rated.parse({}));

const Remote = z.object({ RemoteIpDetails: z.object({ IpAddressV4: Text }).nullish() });

/** From where an action was taken; `Resources` say on what. */
const Action = z.object({
  AwsApiCallAction: Remote.nullish(),
  NetworkConnectionAction: Remote.extend({ ConnectionDirection: Text }).nullish(),
  PortProbeAction: z.object({ PortProbeDetails: z.array(Remote).nullish() }).nullish(),
});

const listOf = <S extends z.ZodType>(schema: S) =>
  z
    .array(schema)
    .nullish()
    .transform((list) => list ?? []);

const SequenceActor = z.object({
  User: z
    .object({
      Name: Text,
      Uid: Text,
      Type: Text,
      CredentialUid: Text,
      Account: z.object({ Uid: Text }).nullish(),
    })
    .nullish(),
});
const Endpoint = z.object({ Ip: Text, Connection: z.object({ Direction: Text }).nullish() });
const Signal = z.object({
  Id: Text,
  Type: Text,
  Name: Text,
  Title: Text,
  Severity: z.number().nullish(),
  Count: z.int().nonnegative().nullish(),
  LastSeenAt: z.number().nullish(),
});

/** What an attack sequence is made of (docs.aws.amazon.com/securityhub/1.0/APIReference/API_Sequence.html). */
const Sequence = z.object({
  Actors: listOf(SequenceActor),
  Endpoints: listOf(Endpoint),
  Signals: listOf(Signal),
});

const Resource = z.object({
  Type: z.string().min(1),
  Id: z.string().min(1),
  Partition: Text,
  Region: Text,
  ResourceRole: Text,
  Tags: Texts,
  Details: z.unknown().optional(),
});

/**
 * What Cordon needs of one finding in the AWS Security Finding Format.
 * docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
 */
export const Asff = z.object({
  Id: z.string().min(1),
  ProductArn,
  ProductName: Text,
  Region: Text,
  GeneratorId: Text,
  AwsAccountId,
  Types: TextList,
  CreatedAt: Instant,
  UpdatedAt: Instant,
  LastObservedAt: OptionalInstant,
  Severity,
  FindingProviderFields: z.object({ Severity, Types: TextList }).nullish(),
  Title: Text,
  Description: Text,
  SourceUrl: Text,
  ProductFields: Texts,
  // Security Hub takes 32
  Resources: z
    .array(Resource)
    .max(1_000)
    .nullish()
    .transform((resources) => resources ?? []),
  Action: Action.nullish(),
  Detection: z.object({ Sequence: Sequence.nullish() }).nullish(),
  Compliance: z.object({ Status: Text, SecurityControlId: Text }).nullish(),
  Workflow: z.object({ Status: Text }).nullish(),
  RecordState: Text,
  Sample: z.boolean().nullish(),
});
export type Asff = z.infer<typeof Asff>;
export type AsffResource = Asff['Resources'][number];

/** The home region of a finding: aggregation copies findings to other regions, with this one kept in them. */
export const regionOf = ({ Region, ProductArn: { region } }: Asff): string => Region ?? region;

/** The types that its provider gave a finding; people may give it others. */
export const typesOf = ({ FindingProviderFields: given, Types }: Asff): readonly string[] => {
  const provided = given?.Types ?? [];
  return provided.length > 0 ? provided : Types;
};

/**
 * The provider's own type at the end of `Namespace/Category/Classifier`; empty where there is none. Such types hold a
 * colon and a slash, which Security Hub writes as a hyphen (docs.aws.amazon.com/guardduty, "Interpreting GuardDuty
 * finding names in Security Hub"); a few keep it.
 */
export function classifierOf(finding: Asff): string {
  const type = typesOf(finding).find((one) => one.includes(':')) ?? '';
  const colon = type.indexOf(':');
  const purpose = type.slice(type.lastIndexOf('/', colon) + 1, Math.max(colon, 0));
  const rest = type.slice(colon + 1);
  return type && `${purpose}:${rest.includes('/') ? rest : rest.replace('-', '/')}`;
}

/** What a finding's state in Security Hub says about acting on it; `undefined` where it says nothing against it. */
export function closedAs({ RecordState, Workflow }: Asff): 'archived' | 'dismissed' | 'resolved' | undefined {
  if (RecordState === 'ARCHIVED') return 'archived';
  if (Workflow?.Status === 'SUPPRESSED') return 'dismissed';
  return Workflow?.Status === 'RESOLVED' ? 'resolved' : undefined;
}

/** docs.aws.amazon.com/securityhub, "Sample"; products without it say so in the title. */
export const isSample = ({ Sample, Title = '' }: Asff): boolean => Sample === true || /^\[sample\]/i.test(Title.trim());

const labels: ReadonlyMap<string, Caption> = new Map([
  ['INFORMATIONAL', 'Informational'],
  ['LOW', 'Low'],
  ['MEDIUM', 'Medium'],
  ['HIGH', 'High'],
  ['CRITICAL', 'Critical'],
]);

/** docs.aws.amazon.com/securityhub, "Severity": the numbers behind the labels. */
export function captionOf({ Label = '', Normalized }: Asff['Severity']): Caption {
  if (labels.has(Label) || typeof Normalized !== 'number') return labels.get(Label) ?? 'Unknown';
  const bands: readonly Caption[] = ['Low', 'Medium', 'High', 'Critical'];
  return Normalized <= 0
    ? 'Informational'
    : (bands[[39, 69, 89].filter((top) => Normalized > top).length] ?? 'Unknown');
}
