import * as z from 'zod';
import { Tags, type TargetType } from './target.ts';

const text = z.string().optional();
const flag = z.boolean().optional();
/** What it does its work in, and how many do: an Auto Scaling group. */
const fleet = z.object({ id: z.string(), size: z.int() }).optional();

/** Of such a type nothing is read beside what the finding says. */
const none = z.object({});

/** What inspection adds to a target, by type: what templates and patterns of a run may ask for beside what the finding says. */
export const facts: { readonly [T in TargetType]: z.ZodObject } = {
  'aws.ec2.instance': z.object({
    state: text,
    vpcId: text,
    sourceDestCheck: flag,
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
  'aws.iam.role-session': z.object({
    roleArn: text,
    rolePath: text,
    roleId: text,
    lastAdministrator: flag,
    trustedProviders: z.array(z.string()).optional(),
    /** There only where the role trusts nothing but a provider configured as one tenant. */
    person: z.object({ tenant: z.string(), userPrincipalName: z.string() }).optional(),
  }),
  'aws.s3.bucket': z.object({ bucketRegion: text, publicPolicy: flag }),
  /** With the tags of its bucket. */
  'aws.s3.object': z.object({ bucketRegion: text }),
  'azure.compute.virtual-machine': z.object({
    location: text,
    ipForwarding: flag,
    networkSecurityGroups: z.array(z.string()).optional(),
    managedBy: text,
    powerState: text,
    computerName: text,
    /** Names of the subnets of its interfaces. */
    subnets: z.array(z.string()).optional(),
    /** Whether one of them holds a private endpoint. */
    privateEndpoints: flag,
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
    exposedPorts: z.array(z.int()).optional(),
  }),
  'aws.iam.role': none,
  'aws.lambda.function': none,
  'aws.rds.instance': none,
  'aws.eks.cluster': none,
  'aws.eks.workload': none,
  'aws.ecs.cluster': none,
  'aws.ecs.task': none,
  'aws.container': none,
  'aws.ebs.volume': none,
  'aws.ebs.snapshot': none,
  'aws.ec2.image': none,
  'aws.cloudtrail.trail': none,
  'aws.account': none,
  'azure.entra.service-principal': none,
  'azure.subscription': none,
  'azure.sql.server': none,
  'azure.aks.cluster': none,
  'azure.aks.workload': none,
  'azure.web.site': none,
  'azure.key-vault.vault': none,
  'azure.role-assignment': none,
  'network.address': none,
  other: none,
};

/** A target of one type as a run sees it: what the finding says, its tags, and what was read. */
export const factsOf = (type: TargetType): z.ZodObject => z.object({ tags: Tags.optional() }).extend(facts[type].shape);
