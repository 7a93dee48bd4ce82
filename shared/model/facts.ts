import * as z from 'zod';
import { Tags, type TargetType } from './target.ts';

const text = z.string().optional();
const flag = z.boolean().optional();
/** What it does its work in, and how many do: an Auto Scaling group. */
const fleet = z.object({ id: z.string(), size: z.int() }).optional();

/** Of such a type nothing is read beside what the finding says. */
const none = z.object({});

/** Names of firewall rules: through the one rule that is meant, else through any. */
const databaseServer = z.object({
  /** Rules that let anybody in. */
  openRules: z.array(z.string()).optional(),
  /** Rules that let in whatever runs in Azure, of any tenant. */
  azureRules: z.array(z.string()).optional(),
});

/** Of a pod; nothing is read of what makes pods. */
const pod = z.object({
  /** In the network of its node, where no network policy applies. */
  hostNetwork: flag,
  /** What made it: `ReplicaSet`, `DaemonSet`. */
  ownerKind: text,
  ownerName: text,
  serviceAccount: text,
  node: text,
});

/** Of a role itself; `trustedProviders` is everybody whom its trust policy lets in. */
const role = z.object({
  roleArn: text,
  rolePath: text,
  roleId: text,
  lastAdministrator: flag,
  trustedProviders: z.array(z.string()).optional(),
});

/** What inspection adds to a target, by type: what templates and patterns of a run may ask for beside what the finding says. */
export const facts: { readonly [T in TargetType]: z.ZodObject } = {
  'aws.ec2.instance': z.object({
    state: text,
    vpcId: text,
    sourceDestCheck: flag,
    /** At which addresses are denied: itself, by which the network ACLs of its subnets are found. */
    filters: z.array(z.string()).optional(),
    autoScalingGroup: text,
    managedBy: text,
    interfaceTypes: z.array(z.string()).optional(),
    instanceProfileArn: text,
    fleet,
  }),
  'aws.ec2.security-group': z.object({
    groupName: text,
    vpcId: text,
    /** Of the interfaces it stands on. */
    interfaceTypes: z.array(z.string()).optional(),
  }),
  'aws.iam.access-key': z.object({ userName: text, userArn: text, userPath: text, lastAdministrator: flag }),
  'aws.iam.user': z.object({ userArn: text, userPath: text, lastAdministrator: flag }),
  'aws.iam.role-session': role.extend({
    /** There only where the role trusts nothing but a provider configured as one tenant. */
    person: z.object({ tenant: z.string(), userPrincipalName: z.string() }).optional(),
  }),
  'aws.eks.workload': pod,
  'azure.aks.workload': pod,
  'aws.s3.bucket': z.object({ bucketRegion: text, publicPolicy: flag }),
  /** With the tags of its bucket. */
  'aws.s3.object': z.object({ bucketRegion: text }),
  'azure.compute.virtual-machine': z.object({
    location: text,
    ipForwarding: flag,
    networkSecurityGroups: z.array(z.string()).optional(),
    /** At which addresses are denied: the same groups. */
    filters: z.array(z.string()).optional(),
    managedBy: text,
    powerState: text,
    computerName: text,
    /** Names of the subnets of its interfaces. */
    subnets: z.array(z.string()).optional(),
    /** Whether one of them holds a private endpoint. */
    privateEndpoints: flag,
    /** Object id of its own managed identity; none where it has none. */
    identities: z.array(z.string()).optional(),
    /** Those of identities that other resources may use as well. */
    sharedIdentities: z.array(z.string()).optional(),
  }),
  'azure.storage.account': z.object({ location: text, allowBlobPublicAccess: flag, publicNetworkAccess: text }),
  'azure.storage.blob': z.object({ currentETag: text, contentType: text, contentLength: z.number().optional() }),
  'azure.entra.user': z.object({
    accountEnabled: flag,
    onPremisesSyncEnabled: flag,
    userType: text,
    /** The only Global Administrator who can still sign in. */
    lastAdministrator: flag,
  }),
  'azure.network.security-group': z.object({
    subnets: z.array(z.string()).optional(),
    privateEndpoints: flag,
    /** Ports by which machines are administered that the internet reaches: through the one rule that is meant, else through any. */
    openings: z.array(z.object({ port: z.int() })).optional(),
  }),
  'azure.defender.plan': z.object({ pricingTier: text }),
  /** Whether it is there now; `present` is false for one that was deleted. */
  'azure.monitor.diagnostic-setting': z.object({ present: flag }),
  'aws.iam.role': role,
  /** Of the role that it works with; `roleId` is AROA…. */
  'aws.lambda.function': z.object({ roleName: text, roleId: text }),
  'aws.rds.instance': z.object({ publiclyAccessible: flag, clusterIdentifier: text }),
  /** With its tags alone. */
  'aws.rds.snapshot': none,
  'aws.eks.cluster': none,
  'aws.ecs.cluster': none,
  'aws.ecs.task': none,
  'aws.container': none,
  'aws.ebs.volume': none,
  /** With its tags alone. */
  'aws.ebs.snapshot': none,
  'aws.ec2.image': none,
  'aws.cloudtrail.trail': none,
  'aws.guardduty.detector': none,
  'aws.config.recorder': none,
  'aws.account': none,
  'azure.entra.service-principal': z.object({
    accountEnabled: flag,
    /** As Graph says it: `Application`, `ManagedIdentity`. */
    servicePrincipalType: text,
    displayName: text,
  }),
  'azure.subscription': none,
  'azure.sql.server': databaseServer,
  'azure.postgres.server': databaseServer,
  'azure.mysql.server': databaseServer,
  'azure.aks.cluster': none,
  'azure.web.site': z.object({ location: text, kind: text }),
  'azure.key-vault.vault': z.object({ location: text }),
  'azure.role-assignment': z.object({
    principalId: text,
    principalType: text,
    /** Of a user who was given it. */
    userPrincipalName: text,
    roleDefinitionId: text,
    /** Owner, Contributor, or a role by which one gives himself any other. */
    powerful: flag,
  }),
  'network.address': none,
  other: none,
};

/** A target of one type as a run sees it: what the finding says, its tags, and what was read. */
export const factsOf = (type: TargetType): z.ZodObject => z.object({ tags: Tags.optional() }).extend(facts[type].shape);
