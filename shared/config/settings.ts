import * as z from 'zod';
import { AwsAccountId, AwsRegion, BucketName, SubscriptionId } from '../model/identifiers.ts';
import { Mode } from '../model/run.ts';
import { OutcomeEvents } from './outcome-events.ts';
import { Drills } from './drills.ts';
import { WriteBack } from './write-back.ts';
import { AzureLogging } from '../model/azure-logging.ts';
import { Channels } from './channels.ts';
import { BreakerSettings, Exclusion, Fleet, Isolation, Limits, Protection, StrictTags } from './guards.ts';

export type { Protection };

/** A SAML or OIDC provider in AWS that is one Entra tenant and nothing else: its session names are user principal names. */
export const IdentityProvider = z.strictObject({ arn: z.string().startsWith('arn:'), tenant: z.uuid() });

/** People by role (https callers come with an identity; this says what they may do). */
export const Person = z.strictObject({
  id: z
    .string()
    .min(1)
    .describe(
      'What a deployment knows somebody by, which is no mail address: on AWS the ARN of the session, without its last part unless IAM Identity Center made it; with tokens, as on Azure, their `sub`; at this machine its user.',
    ),
  roles: z
    .array(z.enum(['viewer', 'operator', 'responder', 'approver']))
    .min(1)
    .describe(
      'A viewer looks; an operator plans too; a responder runs, releases and halts too; an approver looks and answers.',
    ),
  accounts: z
    .array(z.string())
    .default(['*'])
    .describe('Accounts and subscriptions for which that holds; all of them by default.'),
  playbooks: z.array(z.string()).default(['*']).describe('Playbooks for which that holds; all of them by default.'),
  groups: z
    .array(z.string())
    .default([])
    .describe("Names under which a playbook's `approve.by` may ask for this person."),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/, 'a member id, as U0123456789')
    .optional()
    .describe('Their member id in Slack, by which a button they press is theirs.'),
});
export type Person = z.infer<typeof Person>;

const reference = /^(env|ssm|secretsmanager|keyvault):/;

/**
 * What a role of a member account asks whoever assumes it for. It stands here as it is: AWS treats it as no secret
 * (docs.aws.amazon.com/IAM, "Access to AWS accounts owned by third parties").
 */
const ExternalId = z
  .string()
  .min(16)
  .refine((id) => !reference.test(id), {
    error: 'no reference is read here: an external id is no secret, write it as it stands',
  });

/** A name that the templates of the deployment have, and that cannot be another. */
const called = (name: string) =>
  z
    .string()
    .refine((given) => given === name, { error: `the templates make ${name}, and no other name is followed` })
    .default(name);

/** How one deployment is set up. */
export const Settings = z.strictObject({
  stage: z
    .string()
    .default('staging')
    .describe('The stage that commands at this machine mean; a deployment knows its own.'),
  stages: z
    .record(z.string(), Mode)
    .default({ production: 'enforce' })
    .describe('Only a stage that says enforce can change anything; `staging`, and any stage not listed, never does.'),
  aws: z
    .strictObject({
      partition: z.enum(['aws', 'aws-us-gov', 'aws-cn']).default('aws').describe('What ARNs begin with.'),
      accounts: z
        .record(AwsAccountId, z.strictObject({ externalId: ExternalId.exactOptional() }))
        .default({})
        .describe(
          'Member accounts, none beside these, and the external id their roles ask for where it is not that of all.',
        ),
      externalId: ExternalId.exactOptional().describe(
        'The external id that the roles of all accounts ask for, as the StackSets of organization.yml make them.',
      ),
      regions: z
        .array(AwsRegion)
        .default([])
        .describe(
          'Regions whose active findings are compared, hour by hour, with those that arrived; the home region when left out.',
        ),
      readerRole: called('CordonReader').describe(
        'What member.yml, serverless.yml and scp.json call the roles: no other name would be followed.',
      ),
      writerRole: called('CordonWriter').describe('Likewise.'),
      identityCenter: z
        .strictObject({ account: AwsAccountId, region: z.string() })
        .optional()
        .describe(
          'Where IAM Identity Center lives: its management or delegated administrator account, and its region.',
        ),
      quarantineBucket: z
        .strictObject({ name: BucketName, account: AwsAccountId, region: AwsRegion })
        .optional()
        .describe("Where malicious objects are copied to; every account's reader and writer must be let into it."),
      homePrincipals: z
        .array(z.string().startsWith('arn:'))
        .default([])
        .describe("ARNs of the roles or users that Cordon's own functions run as; never contained."),
    })
    .refine(
      ({ accounts, externalId }) =>
        externalId !== undefined || Object.values(accounts).every((one) => one.externalId !== undefined),
      {
        error: 'an account without an external id of its own needs aws.externalId',
        path: ['accounts'],
      },
    )
    .prefault({}),
  azure: z
    .strictObject({
      tenant: z.uuid().optional().describe('The tenant in Entra, as `az account show --query tenantId` says it.'),
      subscriptions: z
        .array(SubscriptionId)
        .default([])
        .describe('Subscriptions that Cordon may act in, none beside these.'),
      identities: z
        .array(z.uuid())
        .default([])
        .describe(
          "Object ids of Cordon's own managed identities: never contained, and known when their changes come back as events.",
        ),
      quarantineStorageAccount: z
        .string()
        .optional()
        .describe('Where malicious blobs are copied to before they are deleted.'),
      logging: AzureLogging.prefault({}).describe(
        'How plans of Defender and diagnostic settings are to be, for what somebody turned off or deleted.',
      ),
    })
    .prefault({}),
  identityProviders: z
    .array(IdentityProvider)
    .default([])
    .describe(
      'Providers in AWS by which people of one Entra tenant sign in: a finding about such a session is one about the person.',
    ),
  protections: z
    .array(Protection)
    .default([])
    .describe('What nobody may contain, or only when a person agrees: patterns over finding, target and action.'),
  protectedPrincipals: z
    .array(z.string())
    .default([])
    .describe('ARNs and object ids that are never contained: break-glass, own roles, approvers.'),
  people: z
    .array(Person)
    .default([])
    .describe('Who may look, run and approve, and where. Whoever is not here may nothing.'),
  senders: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Subjects of the tokens whose bearers may hand in events over HTTP: the object ids of a Logic App's or playbook's identity, of Azure's service principal for action groups, of Event Grid's. Nobody else may, whatever their token.",
    ),
  channels: Channels.describe('The ways to reach people; without any, nobody is told.'),
  maxEventAgeHours: z.number().positive().default(24).describe('An older event changes nothing.'),
  accountPerHour: z
    .int()
    .positive()
    .default(20)
    .describe(
      'Runs, over all playbooks, that may change something in one account in one hour; beyond it a person is asked.',
    ),
  running: z
    .int()
    .min(1)
    .max(1_000)
    .default(50)
    .describe('Containments that go on at the same time; the others wait, the least severe the longest.'),
  limits: Limits.prefault({}),
  breaker: BreakerSettings.prefault({}),
  exclusions: z.array(Exclusion).default([]).describe('What is left alone until a date, and who answers for that.'),
  strictTags: StrictTags.prefault({}),
  fleets: z
    .array(Fleet)
    .default([])
    .describe('Machines that do the same work, of which only a share may be contained at a time.'),
  isolation: Isolation.prefault({}),
  writeBack: WriteBack.prefault({}),
  outcomeEvents: OutcomeEvents.prefault({}),
  drills: Drills.prefault({}),
});
export type Settings = z.infer<typeof Settings>;

/** Whether this deployment's stage allows changes at all. */
export const stageMode = ({ stage, stages }: Pick<Settings, 'stage' | 'stages'>): Mode =>
  stage !== 'staging' && Object.hasOwn(stages, stage) && stages[stage] === 'enforce' ? 'enforce' : 'dry-run';

/** The accounts, subscriptions and tenant that Cordon may act in. */
export const inScope = ({ aws, azure }: Settings, account: string): boolean =>
  Object.hasOwn(aws.accounts, account) ||
  azure.subscriptions.some((id) => id.toLowerCase() === account.toLowerCase()) ||
  (azure.tenant !== undefined && azure.tenant === account);
