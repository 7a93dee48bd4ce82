import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { type OperationSpec, createSerializer, ServiceClient } from '@azure/core-client';
import type { AzureClientOptions, AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { Alert, flat } from '../../ingest/azure/defender-alert.ts';
import type { Finding } from '../../model/finding.ts';
import type { FindingProgress } from '../../model/finding-progress.ts';
import { asJson } from '../../model/json.ts';
import type { Reported } from '../../ports/clouds.ts';

/** Of the alerts API (learn.microsoft.com/rest/api/defenderforcloud/alerts). */
const apiVersion = '2022-01-01';
const host = 'https://management.azure.com';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

type Move = 'inProgress' | 'resolve';

const moveTo = (alertId: string, move: Move): OperationSpec => ({
  httpMethod: 'POST',
  baseUrl: host,
  path: `${alertId}/${move}`,
  queryParameters: [
    {
      parameterPath: 'apiVersion',
      mapper: {
        serializedName: 'api-version',
        required: true,
        isConstant: true,
        defaultValue: apiVersion,
        type: { name: 'String' },
      },
    },
  ],
  responses: { 200: {}, 204: {}, default: {} },
  serializer: createSerializer(),
});

/** What no ARM client knows: `@azure/arm-security` has no move to InProgress. */
class AlertsClient extends ServiceClient {
  constructor(credential: TokenCredential, _subscription: string, options: AzureClientOptions) {
    super({ ...options, credential, credentialScopes: `${host}/.default`, endpoint: host });
  }

  async move(alertId: string, to: Move, abortSignal: AbortSignal): Promise<void> {
    await this.sendOperationRequest({ options: { abortSignal } }, moveTo(alertId, to));
  }
}

const wanted = {
  'in-progress': { status: 'inprogress', move: 'inProgress' },
  resolved: { status: 'resolved', move: 'resolve' },
} as const;

/** The state of an alert in lower case; undefined where there is no such alert. */
async function statusOf(session: AzureSession, alertId: string): Promise<string | undefined> {
  const { resources } = session.client(ResourceManagementClient);
  const read = () => resources.getById(alertId.replace(/^\//, ''), apiVersion, { abortSignal: deadline() });
  const found = await unlessAbsent(read);
  if (!found) return undefined;
  const { id, name, type, properties } = found;
  return (Alert.parse(flat(asJson({ id, name, type, properties }))).status ?? '').toLowerCase();
}

/**
 * Moves an alert of Defender for Cloud on. Only an Active one: Defender does not say who set another state, so whatever
 * else stands there counts as a person's. Where nothing was cut off an alert stays Active, for there is no note that
 * could say so. ARM moves without a condition: the state is read right before, and what a person sets in the instant
 * between the two calls is written over. The moves are `/inProgress` and `/resolve`; `/dismiss` says that an alert was
 * wrong, which is for people to say.
 */
export async function reportDefender(
  session: AzureSession,
  finding: Finding,
  progress: FindingProgress,
): Promise<Reported> {
  const { alertId } = finding.link;
  const home = `/subscriptions/${finding.account}/`.toLowerCase();
  // a malware scan is kept nowhere; an alert of another subscription is none of this finding's
  if (finding.provider !== 'defender' || !alertId?.toLowerCase().startsWith(home)) return 'gone';
  if (progress.state === 'notified') return 'left';
  const status = await statusOf(session, alertId);
  if (status === undefined) return 'gone';
  const to = wanted[progress.state];
  if (status === to.status) return 'told';
  if (status !== 'active') return 'left';
  await session.client(AlertsClient).move(alertId, to.move, deadline());
  return 'told';
}
