import * as z from 'zod';
import { AwsAccountId, SubscriptionId } from '../model/identifiers.ts';
import { Json } from '../model/json.ts';
import { Mode } from '../model/run.ts';

const PatternSource = z.record(z.string(), Json);

/** What nobody may contain: a pattern over `{ finding, target, action }`. */
export const Protection = z.strictObject({
  name: z.string().min(1),
  when: PatternSource,
  /** `ask` lets a person decide; `deny` is final. */
  decision: z.enum(['ask', 'deny']).default('deny'),
  kind: z.enum(['target', 'principal']).default('target'),
});
export type Protection = z.infer<typeof Protection>;

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
      readerRole: z.string().default('CordonReader'),
      writerRole: z.string().default('CordonWriter'),
      /** Where IAM Identity Center lives: its management or delegated administrator account, and its region. */
      identityCenter: z.strictObject({ account: AwsAccountId, region: z.string() }).optional(),
    })
    .prefault({}),
  azure: z
    .strictObject({
      tenant: z.uuid().optional(),
      subscriptions: z.array(SubscriptionId).default([]),
      /** Where malicious blobs are copied to before they are deleted. */
      quarantineStorageAccount: z.string().optional(),
    })
    .prefault({}),
  identityProviders: z.array(IdentityProvider).default([]),
  protections: z.array(Protection).default([]),
  /** ARNs and object ids that are never contained: break-glass, own roles, approvers. */
  protectedPrincipals: z.array(z.string()).default([]),
  people: z.array(Person).default([]),
  maxEventAgeHours: z.number().positive().default(24),
  /** Runs, over all playbooks, that may change something in one account in one hour; beyond it a person is asked. */
  accountPerHour: z.int().positive().default(20),
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
