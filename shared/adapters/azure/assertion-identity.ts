import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { AuthenticationError, AuthenticationRequiredError, ClientAssertionCredential } from '@azure/identity';
import { CordonError } from '../../model/error.ts';

/** The audience under which Entra takes tokens of other issuers (learn.microsoft.com/entra/workload-id/workload-identity-federation). */
export const assertionAudience = 'api://AzureADTokenExchange';

/** An application of Entra that is signed in to by a token of another issuer, without a secret. */
export type AssertedIdentity = {
  readonly tenant: string;
  readonly clientId: string;
  /** A fresh token of the other issuer, for `assertionAudience`. */
  readonly assertion: () => Promise<string>;
  readonly httpClient?: HttpClient;
};

/** Entra names what does not fit by a code of its own: AADSTS700211 the issuer, 700212 the audience, 700213 the subject. */
function fault(thrown: unknown, clientId: string): unknown {
  if (!(thrown instanceof AuthenticationError || thrown instanceof AuthenticationRequiredError)) return thrown;
  const [code = 'no answer'] = /AADSTS\d+/.exec(thrown.message) ?? [];
  return new CordonError({
    code: 'no-azure-identity',
    message: `Entra gives no token for ${clientId}: ${code}`,
    remedy:
      'Hold the federated credential of the application against the token: issuer, subject and audience, exactly.',
    retryable: thrown instanceof AuthenticationError && thrown.statusCode >= 500,
    cause: thrown,
  });
}

/** Signs in to Entra with a token of another issuer as client assertion (RFC 7523). */
export function assertedIdentity({ tenant, clientId, assertion, httpClient }: AssertedIdentity): TokenCredential {
  const credential = new ClientAssertionCredential(tenant, clientId, assertion, {
    retryOptions: { maxRetries: 0 },
    ...(httpClient && { httpClient }),
  });
  return {
    getToken: (scopes, options) =>
      credential.getToken(scopes, options).catch((thrown: unknown) => {
        throw fault(thrown, clientId);
      }),
  };
}
