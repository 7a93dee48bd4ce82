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
  /** JWT subject, IAM principal ARN, or the local user. */
  id: z.string().min(1),
  roles: z.array(z.enum(['viewer', 'operator', 'responder', 'approver'])).min(1),
  accounts: z.array(z.string()).default(['*']),
  playbooks: z.array(z.string()).default(['*']),
  /** Names under which a playbook's `approve.by` may ask for this person. */
  groups: z.array(z.string()).default([]),
  /** Their member id in Slack, by which a button they press is theirs. */
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/, 'a member id, as U0123456789')
    .optional(),
});
export type Person = z.infer<typeof Person>;

/** How one deployment is set up. */
export const Settings = z.strictObject({
  /** Only a stage that says enforce can change anything; `staging`, and any stage not listed, never does. */
  stage: z.string().default('staging'),
  stages: z.record(z.string(), Mode).default({ production: 'enforce' }),
  aws: z
    .strictObject({
      partition: z.enum(['aws', 'aws-us-gov', 'aws-cn']).default('aws'),
      /** Member accounts and the external id their roles ask for. */
      accounts: z.record(AwsAccountId, z.strictObject({ externalId: z.string().min(16) })).default({}),
      /** Regions whose GuardDuty findings are compared with those that arrived; the home region when left out. */
      regions: z.array(AwsRegion).default([]),
      readerRole: z.string().default('CordonReader'),
      writerRole: z.string().default('CordonWriter'),
      /** Where IAM Identity Center lives: its management or delegated administrator account, and its region. */
      identityCenter: z.strictObject({ account: AwsAccountId, region: z.string() }).optional(),
      /** Where malicious objects are copied to; every account's reader and writer must be let into it. */
      quarantineBucket: z.strictObject({ name: BucketName, account: AwsAccountId, region: AwsRegion }).optional(),
      /** ARNs of the roles or users that Cordon's own functions run as; never contained. */
      homePrincipals: z.array(z.string().startsWith('arn:')).default([]),
    })
    .prefault({}),
  azure: z
    .strictObject({
      tenant: z.uuid().optional(),
      subscriptions: z.array(SubscriptionId).default([]),
      /** Object ids of Cordon's own managed identities: never contained, and known when their changes come back as events. */
      identities: z.array(z.uuid()).default([]),
      /** Where malicious blobs are copied to before they are deleted. */
      quarantineStorageAccount: z.string().optional(),
      /** How plans of Defender and diagnostic settings are to be, for what somebody turned off or deleted. */
      logging: AzureLogging.prefault({}),
    })
    .prefault({}),
  identityProviders: z.array(IdentityProvider).default([]),
  protections: z.array(Protection).default([]),
  /** ARNs and object ids that are never contained: break-glass, own roles, approvers. */
  protectedPrincipals: z.array(z.string()).default([]),
  people: z.array(Person).default([]),
  /**
   * Subjects of the tokens whose bearers may hand in events over HTTP: the object ids of a Logic App's or playbook's
   * identity, of Azure's service principal for action groups, of Event Grid's. Nobody else may, whatever their token.
   */
  senders: z.array(z.string().min(1)).default([]),
  /** The ways to reach people; without any, nobody is told. */
  channels: Channels,
  maxEventAgeHours: z.number().positive().default(24),
  /** Runs, over all playbooks, that may change something in one account in one hour; beyond it a person is asked. */
  accountPerHour: z.int().positive().default(20),
  /** Containments that go on at the same time; the others wait, the least severe the longest. */
  running: z.int().min(1).max(1_000).default(50),
  limits: Limits.prefault({}),
  breaker: BreakerSettings.prefault({}),
  exclusions: z.array(Exclusion).default([]),
  strictTags: StrictTags.prefault({}),
  fleets: z.array(Fleet).default([]),
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
