import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClient, AwsSession } from '../../actions/aws/aws-action.ts';
import { awsCode, awsFault } from '../../actions/aws/fault.ts';
import type { Settings } from '../../config/settings.ts';
import { CordonError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import { checkSessionPolicySize, policyAllowing } from '../../policy/grants.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Call, SessionRequest } from '../../ports/clouds.ts';
import { type ClusterTransport, overHttps, recorded } from '../kubernetes/transport.ts';
import { eksToken } from './eks-token.ts';

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};
type Temporary = Credentials & { readonly expiresAt: string };

/** How AWS is reached: Cordon's own credentials, and the transport where it is not the network. */
export type AwsConnection = {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Cordon's own identity, which may do nothing but assume the roles of member accounts; the SDK's own chain when left out. */
  readonly credentials?: () => Promise<Credentials>;
  readonly homeRegion: string;
  /**
   * Stays with every session that is made of this one, for CloudTrail and for policies to tell Cordon by; members' trust
   * must allow `sts:SetSourceIdentity`. None where it is left out.
   */
  readonly sourceIdentity?: string;
  readonly requestHandler?: object;
  readonly endpoint?: string;
  /** The way to the API servers of clusters; the network when left out. */
  readonly clusters?: ClusterTransport;
};

type Middleware = (next: (args: object) => Promise<unknown>, context: object) => (args: object) => Promise<unknown>;
type Stack = { add(middleware: Middleware, options: { step: 'initialize'; name: string }): void };

/** Asks before every call of a client, and notes it: what was asked, the provider's request id, what came back. */
function watch(client: object, calls: Call[], mayCall: SessionRequest['mayCall']): void {
  const stack = own(client, 'middlewareStack') as Stack; // every SDK v3 client has one
  const note = (context: object, metadata: unknown, error?: string): void => {
    const service = String(own(context, 'clientName') ?? '').replace(/Client$/, '');
    const operation = `${service}:${String(own(context, 'commandName') ?? '').replace(/Command$/, '')}`;
    const requestId = String(own(metadata, 'requestId') ?? own(metadata, 'extendedRequestId') ?? '');
    calls.push({
      operation,
      requestId,
      status: Number(own(metadata, 'httpStatusCode') ?? 0),
      ...(error !== undefined && { error }),
    });
  };
  stack.add(
    (next, context) => async (args) => {
      await mayCall?.();
      try {
        const result = await next(args);
        note(context, own(own(result, 'output'), '$metadata'));
        return result;
      } catch (thrown) {
        note(context, own(thrown, '$metadata'), awsCode(thrown));
        throw thrown;
      }
    },
    { step: 'initialize', name: 'cordonRecord' },
  );
}

/**
 * What an SDK client reads from the environment and `~/.aws`, some of it before every call: none of it concerns calls
 * that do not go out to the network (docs.aws.amazon.com/sdkref, "Settings reference").
 */
const settled = {
  defaultsMode: 'legacy',
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  authSchemePreference: [],
  userAgentAppId: async () => undefined,
  ignoreConfiguredEndpointUrls: true,
};

const transport = ({ requestHandler, endpoint }: AwsConnection): object => ({
  ...(requestHandler && { ...settled, requestHandler }),
  ...(endpoint !== undefined && { endpoint }),
});

type Assume = Omit<SessionRequest, 'cloud'>;

async function assume(connection: AwsConnection, request: Assume): Promise<Temporary> {
  const { settings, homeRegion, credentials } = connection;
  const { account, rights, runId, bound = [], signal } = request;
  const { partition, accounts, externalId, readerRole, writerRole } = settings.aws;
  const member = Object.hasOwn(accounts, account) ? accounts[account] : undefined;
  if (!member)
    throw new CordonError({
      code: 'account-unknown',
      message: `AWS account ${account} is not configured`,
      remedy: 'Add it under aws.accounts with its external id.',
    });
  const role = rights === 'reader' ? readerRole : writerRole;
  const policy = policyAllowing([...bound]);
  const sts = new STSClient({
    region: homeRegion,
    maxAttempts: 1,
    ...(credentials && { credentials }),
    ...transport(connection),
  });
  const { Credentials: issued } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:${partition}:iam::${account}:role/${role}`,
      RoleSessionName: `cordon-${runId}`,
      ExternalId: member.externalId ?? externalId,
      ...(connection.sourceIdentity !== undefined && { SourceIdentity: connection.sourceIdentity }),
      ...(bound.length > 0 && checkSessionPolicySize(policy) && { Policy: JSON.stringify(policy) }),
    }),
    { abortSignal: signal },
  );
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = issued ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
    throw new CordonError({ code: 'no-credentials', message: `STS gave no credentials for ${account}` });
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiresAt: Expiration.toISOString(),
  };
}

/** Opens sessions in member accounts; within one run the credentials of one role are asked for once. */
export function awsSessions(connection: AwsConnection): (request: Assume) => Promise<AwsSession> {
  const issued = new Map<string, Promise<Temporary>>();

  const credentialsFor = async (request: Assume): Promise<Temporary> => {
    const key = JSON.stringify([request.runId, request.rights, request.account, request.bound ?? []]);
    const known = await issued.get(key);
    if (known && known.expiresAt > connection.clock.now()) return known;
    if (issued.size > 200) issued.clear();
    const fresh = assume(connection, request);
    issued.set(key, fresh);
    fresh.catch(() => issued.delete(key));
    return fresh;
  };

  const open = async (request: Assume, calls: Call[]): Promise<AwsSession> => {
    const clients = new Map<unknown, unknown>();
    const { account, region } = request;
    await credentialsFor(request).catch((thrown: unknown) => {
      throw awsFault(thrown);
    });
    return {
      cloud: 'aws',
      partition: connection.settings.aws.partition,
      account,
      region,
      calls,
      client<C>(Client: AwsClient<C>): C {
        const made =
          clients.get(Client) ??
          new Client({ region, maxAttempts: 1, credentials: () => credentialsFor(request), ...transport(connection) });
        if (!clients.has(Client)) watch(made as object, calls, request.mayCall); // an SDK client is an object
        clients.set(Client, made);
        return made as C; // kept under its own class
      },
      kubernetes(name, address) {
        const ask = recorded(connection.clusters ?? overHttps, calls, request.mayCall);
        const wish = { cluster: name, partition: connection.settings.aws.partition, region };
        return {
          name,
          async send(wanted, signal) {
            // signed by this machine's clock, as the SDK signs everything else
            const token = eksToken(await credentialsFor(request), { ...wish, now: new Date() });
            return ask(
              address,
              { ...wanted, headers: { ...wanted.headers, authorization: `Bearer ${token}` } },
              signal,
            );
          },
        };
      },
      elsewhere: ({ account: other = account, region: there = region }) =>
        open({ ...request, account: other, region: there }, calls),
    };
  };
  return (request) => open(request, []);
}
