import { randomUUID } from 'node:crypto';
import type { Settings } from '../../shared/config/settings.ts';
import type { ApiDeps } from '../../shared/api/context.ts';
import { notifierOf } from '../../shared/adapters/notify/notifier.ts';
import { environmentSecrets } from '../../shared/adapters/system/secrets.ts';
import { CordonError } from '../../shared/model/error.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { Anchor } from '../../shared/ports/anchor.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import type { ReceiveDeps } from '../../shared/run/receive.ts';
import { type CloudStores, type Environment, type Home, openHome, required } from '../environment.ts';
import { faultFields, log } from '../log.ts';
import { type RoundDeps, tellAll } from '../round.ts';
import type { VisitEngine } from '../visit.ts';
import type { Playbook } from '../../shared/model/playbook.ts';

const rootOf = (environment: Environment): string => environment['LAMBDA_TASK_ROOT'] ?? '.';
const regionOf = (environment: Environment): string =>
  required(environment, 'AWS_REGION', 'the region of the function; Lambda does so itself');

/** The SDK is loaded when the first run is started: most events start none. */
function starterOf(environment: Environment, home: () => Promise<Home>): Starter {
  const purpose = 'the name of the function on-run with its alias, as in cordon-production-on-run:durable';
  const functionName = required(environment, 'CORDON_RUN_FUNCTION', purpose);
  const region = regionOf(environment);
  const load = async (): Promise<Starter> => {
    const { lambdaStarter } = await import('../../shared/adapters/aws/starter.ts');
    return lambdaStarter({ functionName, region, home });
  };
  let loading: Promise<Starter> | undefined;
  return {
    async start(runId) {
      loading ??= load();
      await (await loading).start(runId);
    },
  };
}

/** The S3 SDK is loaded when the first evidence is put or read: an event that opens no run needs none. */
function s3(name: string): Evidence {
  const [bucket = '', ...folders] = name.split('/');
  const load = async (): Promise<Evidence> => {
    const { s3Evidence } = await import('../../shared/adapters/aws/evidence.ts');
    return s3Evidence({ bucket, prefix: folders.map((folder) => `${folder}/`).join('') });
  };
  let loading: Promise<Evidence> | undefined;
  const loaded = (): Promise<Evidence> => {
    loading ??= load();
    return loading;
  };
  return {
    put: async (value) => (await loaded()).put(value),
    get: async (digest) => (await loaded()).get(digest),
  };
}

/** For how long nobody can take an anchor away: the thirteen months that auditors ask for. */
const anchorDays = 400;

/** Anchors beside the evidence, in a bucket whose objects nobody can change. */
function s3Anchors(name: string): Anchor {
  const [bucket = '', ...folders] = name.split('/');
  const prefix = folders.map((folder) => `${folder}/`).join('');
  let loading: Promise<Anchor> | undefined;
  const loaded = async (): Promise<Anchor> => {
    loading ??= import('../../shared/adapters/aws/anchor.ts').then(({ s3Anchor }) =>
      s3Anchor({ bucket, prefix, clock: systemClock, keepDays: anchorDays }),
    );
    return loading;
  };
  return {
    put: async (anchor, body) => (await loaded()).put(anchor, body),
    list: async () => (await loaded()).list(),
    get: async (anchor) => (await loaded()).get(anchor),
  };
}

const bucketForm = '<bucket>[/<prefix>]';
const bucketPattern = /^[a-z0-9.-]{3,63}(\/[\w.-]+)*$/;

const stores: CloudStores = {
  records: {
    dynamodb: {
      form: '<table>',
      pattern: /^[\w.-]{3,255}$/,
      async open(table) {
        const { dynamoRecords } = await import('../../shared/adapters/aws/records.ts');
        return dynamoRecords({ table, ids: { token: randomUUID } });
      },
    },
  },
  evidence: { s3: { form: bucketForm, pattern: bucketPattern, open: s3 } },
  anchor: { s3: { form: bucketForm, pattern: bucketPattern, open: s3Anchors } },
};

/** The channels are loaded when something is first sent; SNS with the function's own role. */
const notifierIn = (environment: Environment, home: Home): Notifier =>
  notifierOf({
    ...home,
    secrets: environmentSecrets(environment),
    sns: async (settings) => (await import('../../shared/adapters/aws/sns-channel.ts')).snsChannel(settings),
  });

async function openAwsHome(environment: Environment): Promise<Home & { readonly notifier: Notifier }> {
  const home = await openHome(environment, rootOf(environment), stores);
  return { ...home, notifier: notifierIn(environment, home) };
}

/**
 * A token of this function that Entra takes for a client secret
 * (docs.aws.amazon.com/IAM, "Outbound identity federation"; GetWebIdentityToken).
 */
async function assertion(region: string): Promise<string> {
  const { GetWebIdentityTokenCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { WebIdentityToken } = await new STSClient({ region, maxAttempts: 1 }).send(
    new GetWebIdentityTokenCommand({
      Audience: ['api://AzureADTokenExchange'],
      SigningAlgorithm: 'RS256',
      DurationSeconds: 300,
    }),
    { abortSignal: AbortSignal.timeout(10_000) },
  );
  if (WebIdentityToken) return WebIdentityToken;
  throw new CordonError({ code: 'no-credentials', message: 'STS gave no token for Entra', retryable: true });
}

async function azureFromAws(environment: Environment, settings: Settings): Promise<Clouds> {
  const [{ azureClouds }, { ClientAssertionCredential }] = await Promise.all([
    import('../../shared/adapters/azure/clouds.ts'),
    import('@azure/identity'),
  ]);
  const region = regionOf(environment);
  const { tenant } = settings.azure;
  const credential = (clientId: string | undefined) =>
    clientId && tenant ? new ClientAssertionCredential(tenant, clientId, () => assertion(region)) : undefined;
  const reader = credential(environment['CORDON_AZURE_READER_CLIENT_ID']);
  const writer = credential(environment['CORDON_AZURE_WRITER_CLIENT_ID']);
  return azureClouds({ settings, credentials: { ...(reader && { reader }), ...(writer && { writer }) } });
}

async function cloudsOf(environment: Environment, settings: Settings, clock: Clock): Promise<Clouds> {
  const { joinClouds } = await import('../wire.ts');
  return joinClouds({
    aws: async () => {
      const { awsClouds } = await import('../../shared/adapters/aws/clouds.ts');
      return awsClouds({ settings, clock, homeRegion: regionOf(environment) });
    },
    azure: () => azureFromAws(environment, settings),
  });
}

/** What `on-event` works with: no action, no cloud. */
export async function wireEvents(
  environment: Environment,
): Promise<ReceiveDeps & { readonly playbooks: readonly Playbook[]; readonly notifier: Notifier }> {
  const starter = starterOf(environment, async () => home);
  const home = await openAwsHome(environment);
  return { ...home, starter };
}

async function runDeps(environment: Environment): Promise<RunDeps & { readonly playbooks: readonly Playbook[] }> {
  const home = await openAwsHome(environment);
  const { allActions } = await import('../wire.ts');
  const clouds = await cloudsOf(environment, home.settings, home.clock);
  return { ...home, clouds, actions: allActions };
}

/** What `on-run` works with. */
export async function wireRuns(environment: Environment): Promise<VisitEngine> {
  const [{ engineOf }, deps] = await Promise.all([import('../../shared/run/engine.ts'), runDeps(environment)]);
  const engine = engineOf({ ...deps, starter: starterOf(environment, async () => deps) });
  return { ...engine, tell: () => tellAll(deps) };
}

/** What `on-schedule` works with. */
export async function wireSchedule(environment: Environment): Promise<RoundDeps> {
  const deps = await runDeps(environment);
  return { ...deps, starter: starterOf(environment, async () => deps) };
}

/** What `on-request` works with. */
export async function wireRequests(environment: Environment): Promise<ApiDeps> {
  const [{ identifyByGateway }, deps] = await Promise.all([import('./identify.ts'), runDeps(environment)]);
  return {
    ...deps,
    starter: starterOf(environment, async () => deps),
    identify: identifyByGateway,
    secrets: environmentSecrets(environment),
    reply: async (address, body) =>
      (await import('../../shared/adapters/notify/slack-reply.ts')).replyInSlack(address, body),
    deadline: () => AbortSignal.timeout(25_000), // API Gateway gives up after 30 s
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  };
}
