import type { ApiDeps } from '../../shared/api/context.ts';
import type { Credentials } from '../../shared/adapters/aws/sessions.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { CordonError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import type { Engine } from '../../shared/run/turn.ts';
import { type Environment, type Home, openHome, required } from '../environment.ts';
import { faultFields, log } from '../log.ts';
import { identifyOf } from './identify.ts';

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

/** What `on-event` and `on-schedule` work with: no action, no cloud. */
export const wireHome = (environment: Environment): Promise<Home> => openHome(environment, rootOf(environment));

async function runDeps(environment: Environment, home: Home): Promise<RunDeps & Home> {
  const { allActions } = await import('../wire.ts');
  const clouds = await cloudsOf(environment, home.settings, home.clock);
  return { ...home, clouds, actions: allActions };
}

/** What `on-run` works with. */
export async function wireRuns(environment: Environment, home: Home): Promise<Engine> {
  const [{ engineOf }, deps] = await Promise.all([import('../../shared/run/engine.ts'), runDeps(environment, home)]);
  return engineOf(deps);
}

/** What `on-request` works with. */
export async function wireRequests(environment: Environment, home: Home): Promise<Omit<ApiDeps, 'starter'>> {
  return {
    ...(await runDeps(environment, home)),
    identify: identifyOf(environment),
    deadline: () => AbortSignal.timeout(60_000),
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  };
}
