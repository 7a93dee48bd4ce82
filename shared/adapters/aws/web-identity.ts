import { AssumeRoleWithWebIdentityCommand, GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { awsFault } from '../../actions/aws/fault.ts';
import { CordonError, ProviderError } from '../../model/error.ts';
import type { Credentials } from './sessions.ts';

const deadlineMilliseconds = 10_000;

type StsOptions = {
  readonly region: string;
  /** The SDK's own chain when left out; never used for an exchange, which the token alone vouches for. */
  readonly credentials?: () => Promise<Credentials>;
  readonly requestHandler?: object;
};

/** What STS did not give, and what most likely stands against it. */
function fault(thrown: unknown, message: string, remedy: string): unknown {
  const known = awsFault(thrown);
  if (!(known instanceof ProviderError)) return known;
  const { retryable } = known;
  return new CordonError({
    code: 'no-credentials',
    message: `${message}: ${known.message}`,
    remedy,
    retryable,
    cause: known,
  });
}

async function asked<T>(options: StsOptions, ask: (client: STSClient, signal: AbortSignal) => Promise<T>): Promise<T> {
  const client = new STSClient({ maxAttempts: 1, ...options });
  try {
    return await ask(client, AbortSignal.timeout(deadlineMilliseconds));
  } finally {
    client.destroy();
  }
}

/**
 * A token that says who this process is in AWS, for one audience outside: what Entra takes for a client secret
 * (docs.aws.amazon.com/IAM, "Federating AWS identities to external services"; GetWebIdentityToken).
 */
export async function webIdentityToken(audience: string, options: StsOptions): Promise<string> {
  const command = new GetWebIdentityTokenCommand({
    Audience: [audience],
    SigningAlgorithm: 'RS256',
    DurationSeconds: 300,
  });
  const { WebIdentityToken } = await asked(options, (client, abortSignal) =>
    client.send(command, { abortSignal }).catch((thrown: unknown) => {
      const remedy = `Enable outbound web identity federation in the account, and allow sts:GetWebIdentityToken for ${audience}.`;
      throw fault(thrown, `STS gave no token for ${audience}`, remedy);
    }),
  );
  if (WebIdentityToken) return WebIdentityToken;
  throw new CordonError({ code: 'no-credentials', message: `STS gave no token for ${audience}`, retryable: true });
}

/** A role of AWS, and the token that lets its holder into it. */
export type Exchange = StsOptions & {
  readonly role: string;
  readonly session: string;
  readonly token: () => Promise<string>;
};

/** Credentials of a role for a token of another issuer (docs.aws.amazon.com/STS, AssumeRoleWithWebIdentity): no key is kept anywhere. */
export async function credentialsByToken({ role, session, token, ...options }: Exchange): Promise<Credentials> {
  const WebIdentityToken = await token();
  const wish = { RoleArn: role, RoleSessionName: session, WebIdentityToken, DurationSeconds: 900 };
  const { Credentials: issued } = await asked(options, (client, abortSignal) =>
    client.send(new AssumeRoleWithWebIdentityCommand(wish), { abortSignal }).catch((thrown: unknown) => {
      const remedy =
        "Hold the role's trust against the token: issuer, audience, and the object id of the identity as subject, exactly.";
      throw fault(thrown, `STS gave no credentials for ${role}`, remedy);
    }),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = issued ?? {};
  if (accessKeyId && secretAccessKey && sessionToken) return { accessKeyId, secretAccessKey, sessionToken };
  throw new CordonError({ code: 'no-credentials', message: `STS gave no credentials for ${role}`, retryable: true });
}
