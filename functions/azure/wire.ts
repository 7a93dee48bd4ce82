import type { ApiDeps } from '../../shared/api/context.ts';
import type { Credentials } from '../../shared/adapters/aws/sessions.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { notifierOf } from '../../shared/adapters/notify/notifier.ts';
import { environmentSecrets } from '../../shared/adapters/system/secrets.ts';
import { CordonError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { type Environment, type Home, openHome, required } from '../environment.ts';
import { faultFields, log } from '../log.ts';
import { type RoundDeps, tellAll } from '../round.ts';
import type { VisitEngine } from '../visit.ts';
import { identifyOf } from './identify.ts';
import { azureStores } from './stores.ts';

/** The function app's folder, whatever the worker's own is. */
const rootOf = (environment: Environment): string => environment['AzureWebJobsScriptRoot'] ?? '.';

async function azureClouds(environment: Environment, settings: Settings): Promise<Clouds> {
  const [adapter, { ManagedIdentityCredential }] = await Promise.all([
    import('../../shared/adapters/azure/clouds.ts'),
    import('@azure/identity'),
  ]);
  const credential = (clientId: string | undefined) =>
    clientId ? new ManagedIdentityCredential({ clientId }) : undefined;
  const reader = credential(environment['CORDON_AZURE_READER_CLIENT_ID']);
  const writer = credential(environment['CORDON_AZURE_WRITER_CLIENT_ID']);
  return adapter.azureClouds({ settings, credentials: { ...(reader && { reader }), ...(writer && { writer }) } });
}

/** The managed identity's token, exchanged for credentials of Cordon's home role (STS AssumeRoleWithWebIdentity). */
async function awsCredentials(environment: Environment, region: string): Promise<Credentials> {
  const [{ AssumeRoleWithWebIdentityCommand, STSClient }, { ManagedIdentityCredential }] = await Promise.all([
    import('@aws-sdk/client-sts'),
    import('@azure/identity'),
  ]);
  const audience = required(environment, 'CORDON_AWS_AUDIENCE', 'the application id URI that the AWS role trusts');
  const clientId = required(environment, 'CORDON_AZURE_READER_CLIENT_ID', "the reader identity's client id");
  const abortSignal = AbortSignal.timeout(10_000);
  const { token } = await new ManagedIdentityCredential({ clientId }).getToken(`${audience}/.default`, { abortSignal });
  const sts = new STSClient({ region, maxAttempts: 1 });
  const { Credentials: issued } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: required(environment, 'CORDON_AWS_ROLE', "the ARN of Cordon's home role in AWS"),
      RoleSessionName: 'cordon-home',
      WebIdentityToken: token,
      DurationSeconds: 900,
    }),
    { abortSignal },
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = issued ?? {};
  if (accessKeyId && secretAccessKey && sessionToken) return { accessKeyId, secretAccessKey, sessionToken };
  throw new CordonError({
    code: 'no-credentials',
    message: 'STS gave no credentials for the home role',
    retryable: true,
  });
}

async function cloudsOf(environment: Environment, settings: Settings, clock: Clock): Promise<Clouds> {
  const { joinClouds } = await import('../wire.ts');
  return joinClouds({
    azure: () => azureClouds(environment, settings),
    aws: async () => {
      const { awsClouds } = await import('../../shared/adapters/aws/clouds.ts');
      const homeRegion = required(environment, 'CORDON_AWS_REGION', 'the AWS region whose STS is asked');
      const credentials = () => awsCredentials(environment, homeRegion);
      return awsClouds({ settings, clock, homeRegion, credentials });
    },
  });
}

type Told = Home & { readonly notifier: Notifier };

/** The channels are loaded when something is first sent; SNS with credentials of Cordon's home role in AWS. */
const notifierIn = (environment: Environment, home: Home): Notifier =>
  notifierOf({
    ...home,
    secrets: environmentSecrets(environment),
    sns: async (settings) => {
      const { snsChannel } = await import('../../shared/adapters/aws/sns-channel.ts');
      const [, , , region = ''] = settings.topicArn.split(':');
      return snsChannel(settings, { credentials: () => awsCredentials(environment, region) });
    },
  });

/** What `on-event` and `on-schedule` work with: no action, no cloud. */
export async function wireHome(environment: Environment): Promise<Told> {
  const home = await openHome(environment, rootOf(environment), azureStores(environment));
  return { ...home, notifier: notifierIn(environment, home) };
}

async function runDeps(environment: Environment, home: Told): Promise<RunDeps & Home> {
  const { allActions } = await import('../wire.ts');
  const clouds = await cloudsOf(environment, home.settings, home.clock);
  return { ...home, clouds, actions: allActions };
}

/** What `on-run` works with. */
export async function wireRuns(environment: Environment, home: Told): Promise<VisitEngine> {
  const [{ engineOf }, deps] = await Promise.all([import('../../shared/run/engine.ts'), runDeps(environment, home)]);
  return { ...engineOf(deps), tell: () => tellAll(deps) };
}

/** What `on-schedule` works with. */
export const wireSchedule = (environment: Environment, home: Told): Promise<Omit<RoundDeps, 'starter'>> =>
  runDeps(environment, home);

/** What `on-request` works with. */
export async function wireRequests(environment: Environment, home: Told): Promise<Omit<ApiDeps, 'starter'>> {
  return {
    ...(await runDeps(environment, home)),
    identify: identifyOf(environment),
    secrets: environmentSecrets(environment),
    reply: async (address, body) =>
      (await import('../../shared/adapters/notify/slack-reply.ts')).replyInSlack(address, body),
    deadline: () => AbortSignal.timeout(60_000),
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  };
}
