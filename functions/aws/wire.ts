import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { Settings } from '../../shared/config/settings.ts';
import type { ApiDeps } from '../../shared/api/context.ts';
import { notifierOf } from '../../shared/adapters/notify/notifier.ts';
import { fromEnvironment, secretsBy } from '../../shared/adapters/system/secrets.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { Anchor } from '../../shared/ports/anchor.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import type { Publisher } from '../../shared/ports/publisher.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { type CloudStores, type Environment, type Home, openHome, required } from '../environment.ts';
import type { IntakeDeps } from '../intake.ts';
import type { ForwardDeps, Home as ForwardHome } from '../forward.ts';
import type { Patient } from '../doctor/doctor.ts';
import { lazyExaminer } from '../doctor/lazy-examiner.ts';
import { faultFields, log } from '../log.ts';
import { lazyPublishers } from '../publishers.ts';
import type { RoundDeps } from '../round.ts';
import type { VisitEngine } from '../visit.ts';
import { powertoolsMetrics } from './powertools-metrics.ts';
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

/** From the environment, and with the function's own role from Parameter Store and Secrets Manager. */
const secretsOf = (environment: Environment): Secrets => {
  const aws = async () =>
    (await import('../../shared/adapters/aws/secrets.ts')).awsSecrets({ region: regionOf(environment) });
  return secretsBy(
    {
      env: fromEnvironment(environment),
      ssm: async (name) => (await aws()).ssm(name),
      secretsmanager: async (name) => (await aws()).secretsmanager(name),
    },
    systemClock,
  );
};

/** The channels are loaded when something is first sent; SNS with the function's own role. */
const notifierIn = (environment: Environment, home: Home): Notifier =>
  notifierOf({
    ...home,
    secrets: secretsOf(environment),
    sns: async (settings) => (await import('../../shared/adapters/aws/sns-channel.ts')).snsChannel(settings),
  });

const openAwsHome = (environment: Environment): Promise<Home> =>
  openHome(environment, rootOf(environment), stores, secretsOf(environment));

/** An application of Entra, signed in to with a token that STS gives this function's role. */
async function inAzure(environment: Environment, tenant: string, clientId: string): Promise<TokenCredential> {
  const [{ assertedIdentity, assertionAudience }, { webIdentityToken }] = await Promise.all([
    import('../../shared/adapters/azure/assertion-identity.ts'),
    import('../../shared/adapters/aws/web-identity.ts'),
  ]);
  const region = regionOf(environment);
  return assertedIdentity({ tenant, clientId, assertion: () => webIdentityToken(assertionAudience, { region }) });
}

async function azureFromAws(environment: Environment, settings: Settings): Promise<Clouds> {
  const { azureClouds } = await import('../../shared/adapters/azure/clouds.ts');
  const { tenant } = settings.azure;
  const credential = async (clientId: string | undefined) =>
    clientId && tenant ? inAzure(environment, tenant, clientId) : undefined;
  const reader = await credential(environment['CORDON_AZURE_READER_CLIENT_ID']);
  const writer = await credential(environment['CORDON_AZURE_WRITER_CLIENT_ID']);
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
export async function wireEvents(environment: Environment): Promise<
  IntakeDeps & {
    readonly playbooks: readonly Playbook[];
    readonly forwardQueue?: string;
    readonly tries?: number;
  }
> {
  const starter = starterOf(environment, async () => home);
  const home = await openAwsHome(environment);
  const forwardQueue = environment['CORDON_FORWARD_QUEUE'] ?? '';
  const tries = Number(environment['CORDON_EVENT_TRIES']) || Number.POSITIVE_INFINITY;
  return { ...home, starter, metrics: powertoolsMetrics(home.settings.stage), forwardQueue, tries };
}

/** What hands events on where another deployment is the home: neither records nor playbooks. */
export async function wireForward(environment: Environment, { kind, address }: ForwardHome): Promise<ForwardDeps> {
  if (kind === 'event-bus') {
    const { forwardToBus } = await import('../../shared/adapters/aws/forward-bus.ts');
    return { forwarder: forwardToBus(address, 'aws'), clock: systemClock };
  }
  const { forwardToTopic } = await import('../../shared/adapters/azure/forward-topic.ts');
  const tenant = required(environment, 'CORDON_AZURE_TENANT', "the tenant of the home's topic");
  const clientId = required(environment, 'CORDON_AZURE_HOME_CLIENT_ID', 'the application that may publish to it');
  const credential = await inAzure(environment, tenant, clientId);
  return { forwarder: forwardToTopic(address, 'aws', { credential }), clock: systemClock };
}

/** The bus with the function's own role, the topic with the identity that it has in Azure; loaded when something is published. */
const publishersOf = (environment: Environment, { outcomeEvents, stage, azure }: Settings): readonly Publisher[] =>
  lazyPublishers(outcomeEvents, {
    'event-bus': async (arn) => (await import('../../shared/adapters/aws/event-bus.ts')).eventBus(arn),
    'event-topic': async (endpoint) => {
      const { eventTopic } = await import('../../shared/adapters/azure/event-topic.ts');
      const tenant = azure.tenant ?? '';
      const clientId = required(environment, 'CORDON_AZURE_HOME_CLIENT_ID', 'the application that may publish');
      return eventTopic(endpoint, { credential: await inAzure(environment, tenant, clientId), stage });
    },
  });

async function runDeps(environment: Environment): Promise<RunDeps & { readonly playbooks: readonly Playbook[] }> {
  const home = await openAwsHome(environment);
  const { allActions } = await import('../wire.ts');
  const clouds = await cloudsOf(environment, home.settings, home.clock);
  const notifier = notifierIn(environment, home);
  return { ...home, notifier, clouds, actions: allActions, publishers: publishersOf(environment, home.settings) };
}

/** What `on-run` works with. */
export async function wireRuns(environment: Environment): Promise<VisitEngine> {
  const [{ engineOf }, deps] = await Promise.all([import('../../shared/run/engine.ts'), runDeps(environment)]);
  const engine = engineOf({ ...deps, starter: starterOf(environment, async () => deps) });
  return {
    ...engine,
    tell: async () => (await import('../tell.ts')).tellAll(deps),
    metrics: powertoolsMetrics(deps.settings.stage),
  };
}

/** What `on-schedule` works with. */
export async function wireSchedule(environment: Environment): Promise<RoundDeps> {
  const deps = await runDeps(environment);
  const { activeFindings } = await import('../wire.ts');
  const metrics = powertoolsMetrics(deps.settings.stage);
  const reconciling = { active: activeFindings(deps.clouds), homeRegion: regionOf(environment) };
  return { ...deps, ...reconciling, metrics, starter: starterOf(environment, async () => deps) };
}

/** This deployment as the doctor meets it: what answers people has the reader, and no writer in any stage. */
async function patientIn(environment: Environment, deps: RunDeps & Home): Promise<Patient> {
  const region = regionOf(environment);
  const [first = region, ...others] = deps.settings.aws.regions;
  const runFunction = required(environment, 'CORDON_RUN_FUNCTION', 'the name of the function on-run with its alias');
  const { examineAwsHome, homeBusOf } = await import('../doctor/aws/home.ts');
  const clients = { region };
  const bus = await homeBusOf(runFunction, clients);
  const { settings } = deps;
  return {
    ...deps,
    homeBus: bus,
    home: (patience) => examineAwsHome({ bus, runFunction, settings, clients }, patience),
    secrets: secretsOf(environment),
    signingKeys: environment['CORDON_SIGNING_KEYS'],
    regions: [first, ...others],
    writers: 'elsewhere',
  };
}

/** What `on-request` works with. */
export async function wireRequests(environment: Environment): Promise<ApiDeps> {
  const [{ identifyByGateway }, deps] = await Promise.all([import('./identify.ts'), runDeps(environment)]);
  return {
    ...deps,
    starter: starterOf(environment, async () => deps),
    identify: identifyByGateway,
    secrets: secretsOf(environment),
    examiner: lazyExaminer(() => patientIn(environment, deps)),
    reply: async (address, body) =>
      (await import('../../shared/adapters/notify/slack-reply.ts')).replyInSlack(address, body),
    deadline: () => AbortSignal.timeout(25_000), // API Gateway gives up after 30 s
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  };
}
