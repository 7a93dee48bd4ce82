import { own } from '../../shared/model/json.ts';
import { type Resource, type Stack, stackOf } from './cloud-formation.ts';
import { packagedOnce } from './made-once.ts';
import { home } from './stack-rights.ts';

/** The bucket of an archive in another account. */
export const archive = 'cordon-evidence-222233334444-staging';
/** Everything set that can be, where nothing may be changed all the same. */
export const everything = {
  evidenceBucket: archive,
  organizationId: 'o-northwind01',
  alarmEmail: 'oncall@northwind.example',
  azureReaderClientId: 'b0000000-0000-4000-8000-000000000001',
  azureWriterClientId: 'b0000000-0000-4000-8000-000000000002',
  azureHomeClientId: 'b0000000-0000-4000-8000-000000000003',
  azureTenant: 'b0000000-0000-4000-8000-0000000000ff',
  jwtIssuer: 'https://login.microsoftonline.com/b0000000-0000-4000-8000-0000000000ff/v2.0',
  jwtAudience: 'api://cordon',
  // asked for by mistake: what is called staging plans all the same
  mode: 'enforce',
};
const { azureHomeClientId, azureTenant, azureWriterClientId } = everything;
/** Of a stage that acts, had it the home. */
export const handingOn = {
  ...{ azureHomeClientId, azureTenant, azureWriterClientId },
  forwardTo: 'event-topic:https://cordon.westeurope-1.eventgrid.azure.net/api/events',
};

export const stages = ['staging', 'production'] as const;
export type Stage = (typeof stages)[number];
export type Stacks = { staging: Stack; production: Stack; forwarding: Stack };

/** What CloudFormation makes of the packaged templates: of staging, of production, and of a production that hands events on. */
export async function awsStacks(): Promise<Stacks> {
  const [staging, production, forwarding] = await Promise.all([
    packagedOnce('staging', everything),
    packagedOnce('production'),
    packagedOnce('production', handingOn),
  ]);
  return { staging: stackOf(staging), production: stackOf(production), forwarding: stackOf(forwarding) };
}

export const functionNames = ['on-event', 'on-run', 'on-request', 'on-schedule'] as const;
export type FunctionName = (typeof functionNames)[number];

/** Lambda's function of a stage. */
export const functionIn = (stack: Stack, stage: Stage, name: FunctionName): Resource | undefined =>
  Object.values(stack).find(({ arn }) => arn?.endsWith(`:function:cordon-${stage}-${name}`));

/** The role that the template names for it. */
export function roleIn(stack: Stack, stage: Stage, name: FunctionName): Resource | undefined {
  const arn = functionIn(stack, stage, name)?.Properties['Role'];
  return Object.values(stack).find((role) => role.Type === 'AWS::IAM::Role' && role.arn === arn);
}

/** The variables that the template sets for a function. */
export const variablesIn = (made: Resource | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(Object(own(made?.Properties['Environment'], 'Variables'))).map(([name, value]) => [
      name,
      String(value),
    ]),
  );

/** The bucket that evidence and anchors of a stage lie in. */
export const bucketOf = (stage: Stage): string =>
  stage === 'staging' ? archive : `cordon-evidence-${home}-production`;
