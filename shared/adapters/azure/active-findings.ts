import type { TokenCredential } from '@azure/core-auth';
import { createSerializer, type OperationSpec, ServiceClient } from '@azure/core-client';
import * as z from 'zod';
import type { AzureClientOptions, AzureSession } from '../../actions/azure/azure-action.ts';
import { azureFault } from '../../actions/azure/fault.ts';
import { defender } from '../../ingest/azure/defender.ts';
import { Json } from '../../model/json.ts';
import type { ActiveFinding, ActiveHeld } from '../../ports/active-findings.ts';
import type { Session } from '../../ports/clouds.ts';

/** Of the alerts API (learn.microsoft.com/rest/api/defenderforcloud/alerts/list). */
const apiVersion = '2022-01-01';
const host = 'https://management.azure.com';

const listing = (path: string): OperationSpec => ({
  httpMethod: 'GET',
  baseUrl: host,
  path,
  responses: {
    200: { bodyMapper: { type: { name: 'Dictionary', value: { type: { name: 'any' } } } } },
    default: {},
  },
  serializer: createSerializer(),
});

const Page = z.object({ value: z.array(Json), nextLink: z.string().nullish() });

/** What no client for any resource does: the alerts of a subscription are listed under its provider. */
class AlertsClient extends ServiceClient {
  readonly #subscription: string;

  constructor(credential: TokenCredential, subscription: string, options: AzureClientOptions) {
    super({ ...options, credential, credentialScopes: `${host}/.default`, endpoint: host });
    this.#subscription = subscription;
  }

  async *alerts(abortSignal: AbortSignal): AsyncGenerator<Json> {
    let path: string | undefined =
      `/subscriptions/${this.#subscription}/providers/Microsoft.Security/alerts?api-version=${apiVersion}`;
    while (path !== undefined) {
      const page: z.infer<typeof Page> = Page.parse(
        await this.sendOperationRequest({ options: { abortSignal } }, listing(path)),
      );
      yield* page.value;
      // only the query of the next page is taken: the token goes nowhere else than to the first one
      path = page.nextLink ? `${path.split('?')[0]}${new URL(page.nextLink).search}` : undefined;
    }
  }
}

/**
 * What Defender for Cloud holds as active in the subscription of a session, first told of within a time. Reads alerts
 * as their events are read, so that what those would leave alone is none. Throws `ProviderError`.
 */
export async function activeOnAzure(
  session: Session,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<ActiveHeld> {
  const azure = session as AzureSession; // whoever asks for Azure has opened a session of Azure
  const found: ActiveFinding[] = [];
  try {
    for await (const alert of azure.client(AlertsClient).alerts(signal)) {
      const reading = defender.read(alert);
      if (reading.kind !== 'findings') continue;
      for (const { provider, id, type, createdAt, status, sample } of reading.findings)
        if (!sample && ['new', 'updated'].includes(status) && createdAt >= from && createdAt < to)
          found.push({ provider, id, type, createdAt });
    }
  } catch (thrown) {
    throw azureFault(thrown);
  }
  return { findings: found, all: true };
}
