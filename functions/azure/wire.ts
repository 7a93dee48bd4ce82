import type { ApiDeps } from '../../shared/api/context.ts';
import type { Credentials } from '../../shared/adapters/aws/sessions.ts';
import type { PublishAlert } from '../../shared/adapters/azure/alert-relay.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { notifierOf } from '../../shared/adapters/notify/notifier.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { fromEnvironment, secretsBy } from '../../shared/adapters/system/secrets.ts';
import { CordonError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import type { Publisher } from '../../shared/ports/publisher.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { type Environment, type Home, openEvidence, openHome, required } from '../environment.ts';
import type { Home as ForwardHome } from '../forward.ts';
import type { Patient } from '../doctor/doctor.ts';
import { lazyExaminer } from '../doctor/lazy-examiner.ts';
import { faultFields, log } from '../log.ts';
import { lazyPublishers } from '../publishers.ts';
import { azureMonitorMetrics, type SentMetrics } from './azure-monitor-metrics.ts';
import type { AppForwardDeps } from './on-forward.ts';
import type { RunEngine } from './on-run.ts';
import type { ScheduleDeps } from './on-schedule.ts';
import type { WebhookDeps } from './on-webhook.ts';
import { azureStores, homeIdentity } from './stores.ts';
import type { Waiting } from './waiting.ts';

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

/** The home identity's token, exchanged for credentials of the role in AWS that trusts it: no key of AWS is kept here. */
async function awsCredentials(environment: Environment, region: string): Promise<Credentials> {
  const { credentialsByToken } = await import('../../shared/adapters/aws/web-identity.ts');
  const audience = required(environment, 'CORDON_AWS_AUDIENCE', 'the application id URI that the AWS role trusts');
  const role = required(environment, 'CORDON_AWS_ROLE', "the ARN of Cordon's home role in AWS");
  const identity = homeIdentity(environment);
  const token = async () => {
    const abortSignal = AbortSignal.timeout(10_000);
    const given = await identity.getToken(`${audience}/.default`, { abortSignal });
    if (given) return given.token;
    throw new CordonError({ code: 'no-credentials', message: `there is no token for ${audience}`, retryable: true });
  };
  return credentialsByToken({ region, role, session: 'cordon-home', token });
}

async function cloudsOf(environment: Environment, settings: Settings, clock: Clock): Promise<Clouds> {
  const { joinClouds } = await import('../wire.ts');
  return joinClouds({
    azure: () => azureClouds(environment, settings),
    aws: async () => {
      const { awsClouds } = await import('../../shared/adapters/aws/clouds.ts');
      const homeRegion = required(environment, 'CORDON_AWS_REGION', 'the AWS region whose STS is asked');
      const credentials = () => awsCredentials(environment, homeRegion);
      const sourceIdentity = environment['CORDON_AWS_SOURCE_IDENTITY'];
      return awsClouds({ settings, clock, homeRegion, credentials, ...(sourceIdentity && { sourceIdentity }) });
    },
  });
}

type Told = Home & { readonly metrics?: SentMetrics; readonly notifier: Notifier; readonly relays: boolean };

/** From the environment, and with the home identity from Key Vault. */
const secretsOf = (environment: Environment): Secrets =>
  secretsBy(
    {
      env: fromEnvironment(environment),
      async keyvault(name) {
        const { vaultSecrets } = await import('../../shared/adapters/azure/secrets.ts');
        return vaultSecrets({ credential: homeIdentity(environment) })(name);
      },
    },
    systemClock,
  );

/** The channels are loaded when something is first sent; SNS with credentials of Cordon's home role in AWS. */
const notifierIn = (environment: Environment, home: Home): Notifier =>
  notifierOf({
    ...home,
    secrets: secretsOf(environment),
    sns: async (settings) => {
      const { snsChannel } = await import('../../shared/adapters/aws/sns-channel.ts');
      const [, , , region = ''] = settings.topicArn.split(':');
      return snsChannel(settings, { credentials: () => awsCredentials(environment, region) });
    },
  });

/** Where metrics go: nowhere without Application Insights, and that is told once. */
function measuring(environment: Environment, { settings, clock }: Home): { readonly metrics?: SentMetrics } {
  const connectionString = environment['APPLICATIONINSIGHTS_CONNECTION_STRING'];
  if (!connectionString) {
    log('warn', 'nothing is measured: APPLICATIONINSIGHTS_CONNECTION_STRING is not set');
    return {};
  }
  const role = environment['WEBSITE_SITE_NAME'] ?? 'cordon';
  const credential = homeIdentity(environment);
  return { metrics: azureMonitorMetrics({ stage: settings.stage, clock, connectionString, credential, role }) };
}

/** What `on-event` and `on-schedule` work with: no action, no cloud. */
export async function wireHome(environment: Environment): Promise<Told> {
  const home = await openHome(environment, rootOf(environment), azureStores(environment), secretsOf(environment));
  return {
    ...home,
    notifier: notifierIn(environment, home),
    ...measuring(environment, home),
    relays: relayTopicOf(environment) !== undefined,
  };
}

/** What hands events on where another deployment is the home: neither records nor playbooks, but a place to park what is large. */
export async function wireForward(environment: Environment, { kind, address }: ForwardHome): Promise<AppForwardDeps> {
  const evidence = openEvidence(environment, azureStores(environment));
  if (kind === 'event-topic') {
    const { forwardToTopic } = await import('../../shared/adapters/azure/forward-topic.ts');
    const forwarder = forwardToTopic(address, 'azure', { credential: homeIdentity(environment) });
    return { evidence, forwarder, clock: systemClock };
  }
  const { forwardToBus } = await import('../../shared/adapters/aws/forward-bus.ts');
  const [, , , region = ''] = address.split(':');
  const forwarder = forwardToBus(address, 'azure', { credentials: () => awsCredentials(environment, region) });
  return { evidence, forwarder, clock: systemClock };
}

/** Where messages wait: the host's own queues, reached with the home identity when something is first put back. */
export function wireWaiting(environment: Environment): Waiting {
  const credential = homeIdentity(environment);
  return {
    clock: systemClock,
    async put(...message) {
      const { storageQueues } = await import('../../shared/adapters/azure/queues.ts');
      const account = required(environment, 'AzureWebJobsStorage__accountName', 'the storage account of the host');
      await storageQueues({ endpoint: `https://${account}.queue.core.windows.net`, credential })(...message);
    },
  };
}

/** The endpoint of the topic that alerts are relayed to; the relay is off without it. */
export const relayTopicOf = (environment: Environment): string | undefined =>
  environment['CORDON_RELAY_TOPIC'] || undefined;

/** What `on-relay` works with: the topic, reached with the home identity. */
export async function wireRelay(environment: Environment, { settings }: Home): Promise<PublishAlert> {
  const { alertRelay } = await import('../../shared/adapters/azure/alert-relay.ts');
  const endpoint = required(environment, 'CORDON_RELAY_TOPIC', 'the endpoint of a topic that takes CloudEvents');
  return alertRelay(endpoint, { credential: homeIdentity(environment), stage: settings.stage });
}

/** The topic with the home identity, the bus with credentials of Cordon's home role in AWS; loaded when something is published. */
const publishersOf = (environment: Environment, { outcomeEvents, stage }: Settings): readonly Publisher[] =>
  lazyPublishers(outcomeEvents, {
    'event-bus': async (arn) => {
      const { eventBus } = await import('../../shared/adapters/aws/event-bus.ts');
      const [, , , region = ''] = arn.split(':');
      return eventBus(arn, { credentials: () => awsCredentials(environment, region) });
    },
    'event-topic': async (endpoint) => {
      const { eventTopic } = await import('../../shared/adapters/azure/event-topic.ts');
      return eventTopic(endpoint, { credential: homeIdentity(environment), stage });
    },
  });

async function runDeps(environment: Environment, home: Told): Promise<RunDeps & Told> {
  const { allActions } = await import('../wire.ts');
  const clouds = await cloudsOf(environment, home.settings, home.clock);
  return { ...home, clouds, actions: allActions, publishers: publishersOf(environment, home.settings) };
}

/** What `on-run` works with. */
export async function wireRuns(environment: Environment, home: Told): Promise<RunEngine> {
  const [{ engineOf }, deps] = await Promise.all([import('../../shared/run/engine.ts'), runDeps(environment, home)]);
  const { metrics } = deps;
  return {
    ...engineOf(deps),
    tell: async () => (await import('../tell.ts')).tellAll(deps),
    ...(metrics && { metrics }),
  };
}

/** What `on-schedule` works with. */
export async function wireSchedule(environment: Environment, home: Told): Promise<ScheduleDeps> {
  const [deps, { activeFindings }] = await Promise.all([runDeps(environment, home), import('../wire.ts')]);
  return { ...deps, active: activeFindings(deps.clouds), homeRegion: environment['CORDON_AWS_REGION'] ?? '' };
}

/** What `on-webhook` works with: no action, no cloud. */
export async function wireWebhook(environment: Environment, home: Told): Promise<WebhookDeps> {
  const { identifyOf } = await import('./identify.ts');
  return { ...home, identify: identifyOf(environment) };
}

/** What stands around this app, which the home identity alone can read; not known where nothing told the app its name. */
function homeOf(environment: Environment, settings: Settings): Pick<Patient, 'home' | 'homeApp'> {
  const app = environment['CORDON_AZURE_APP'];
  if (!app) return {};
  const asked = (name: string): boolean => Boolean(environment[name]);
  const homeApp = {
    ...{ app, stage: settings.stage, relay: relayTopicOf(environment) !== undefined },
    ...{ signals: asked('CORDON_SIGNALS_NAME'), forwarded: asked('CORDON_FORWARDED_TOPIC') },
  };
  return {
    homeApp,
    async home(patience) {
      const [{ examineAzureHome }, { azureSessions }] = await Promise.all([
        import('../doctor/azure/home.ts'),
        import('../../shared/adapters/azure/sessions.ts'),
      ]);
      const open = azureSessions({ settings, credentials: { reader: homeIdentity(environment) } });
      const place = { cloud: 'azure', region: '', rights: 'reader', runId: 'doctor' } as const;
      return examineAzureHome(homeApp, (account, signal) => open({ ...place, account, signal: signal() }), patience);
    },
  };
}

/** This deployment as the doctor meets it: all functions of the app have the same identities. */
function patientIn(environment: Environment, deps: RunDeps & Home): Patient {
  const [first = environment['CORDON_AWS_REGION'] || 'us-east-1', ...others] = deps.settings.aws.regions;
  const secrets = secretsOf(environment);
  const signingKeys = environment['CORDON_SIGNING_KEYS'];
  const home = homeOf(environment, deps.settings);
  return { ...deps, ...home, secrets, signingKeys, regions: [first, ...others], writers: 'here' };
}

/** What `on-request` works with. */
export async function wireRequests(environment: Environment, home: Told): Promise<Omit<ApiDeps, 'starter'>> {
  const [deps, { identifyOf }] = await Promise.all([runDeps(environment, home), import('./identify.ts')]);
  return {
    ...deps,
    identify: identifyOf(environment),
    secrets: secretsOf(environment),
    examiner: lazyExaminer(async () => patientIn(environment, deps)),
    reply: async (address, body) =>
      (await import('../../shared/adapters/notify/slack-reply.ts')).replyInSlack(address, body),
    deadline: () => AbortSignal.timeout(60_000),
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  };
}
