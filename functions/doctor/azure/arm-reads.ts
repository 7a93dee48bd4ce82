import type { TokenCredential } from '@azure/core-auth';
import { ServiceClient } from '@azure/core-client';
import { createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { AzureClientOptions } from '../../../shared/actions/azure/azure-action.ts';

const home = 'https://management.azure.com';
const mostPages = 50;

const Failure = z.object({ error: z.object({ message: z.string() }) });
const Page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/** Lists of Resource Manager for which no SDK client is at hand. */
export class ArmReads {
  readonly #client: ServiceClient;
  readonly #subscription: string;

  constructor(credential: TokenCredential, subscription: string, options: AzureClientOptions) {
    this.#client = new ServiceClient({ credential, credentialScopes: `${home}/.default`, ...options });
    this.#subscription = subscription;
  }

  /** All pages of `/subscriptions/…/{path}`, each item as the schema has it. Throws what the SDKs throw. */
  async list<S extends z.ZodType>(
    { path, version }: { readonly path: string; readonly version: string },
    item: S,
    abortSignal: AbortSignal,
  ): Promise<readonly z.output<S>[]> {
    const items: z.output<S>[] = [];
    let url: string | undefined = `${home}/subscriptions/${this.#subscription}/${path}?api-version=${version}`;
    for (let page = 0; url !== undefined && page < mostPages; page += 1) {
      const request = createPipelineRequest({ url, abortSignal });
      const response = await this.#client.sendRequest(request);
      const body: unknown = JSON.parse(response.bodyAsText || '{}');
      if (response.status >= 400) {
        const said = Failure.safeParse(body).data?.error.message;
        const details = { statusCode: response.status, request, response };
        const error = new RestError(said ?? `Azure answered ${response.status}`, details);
        error.details = body;
        throw error;
      }
      const { value, nextLink } = Page.parse(body);
      items.push(...value.map((one) => item.parse(one)));
      // another host is never followed: the token would go there
      url = nextLink?.startsWith(`${home}/`) ? nextLink : undefined;
    }
    return items;
  }
}
