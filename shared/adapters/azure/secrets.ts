import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import * as z from 'zod';
import { CordonError, ProviderError } from '../../model/error.ts';
import type { ReadSecret } from '../system/secrets.ts';

type Options = {
  readonly credential: TokenCredential;
  readonly httpClient?: HttpClient;
};

/** `vault/secret` or `vault/secret/version`, in the characters that Key Vault allows. */
const form = /^([a-zA-Z][a-zA-Z0-9-]{2,23})\/([a-zA-Z0-9-]{1,127})(?:\/([0-9a-f]{32}))?$/;

const Secret = z.object({ value: z.string() });

/** Secrets of Key Vault (learn.microsoft.com/rest/api/keyvault/secrets, Get Secret). Throws `ProviderError` for what is no answer. */
export function vaultSecrets({ credential, httpClient = createDefaultHttpClient() }: Options): ReadSecret {
  return async (name) => {
    const [, vault, secret, version = ''] = form.exec(name) ?? [];
    if (vault === undefined || secret === undefined)
      throw new CordonError({
        code: 'no-secret',
        message: `keyvault:${name} names no secret`,
        remedy: 'Write keyvault:<vault>/<secret>.',
      });
    const abortSignal = AbortSignal.timeout(10_000);
    const token = await credential.getToken('https://vault.azure.net/.default', { abortSignal });
    const request = createPipelineRequest({
      url: `https://${vault}.vault.azure.net/secrets/${secret}/${version}?api-version=7.4`,
      headers: createHttpHeaders({ authorization: `Bearer ${token?.token ?? ''}` }),
      abortSignal,
    });
    const { status, bodyAsText } = await httpClient.sendRequest(request);
    if (status === 404) return undefined;
    if (status !== 200)
      throw new ProviderError({
        code: `http-${status}`,
        message: `Key Vault answered ${status} for ${vault}/${secret}`,
        status,
        indeterminate: false,
        retryable: status === 429 || status >= 500,
      });
    return Secret.parse(JSON.parse(bodyAsText ?? '{}')).value.trim();
  };
}
