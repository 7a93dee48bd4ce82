import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { messageOf } from '../../../shared/model/error.ts';
import { own } from '../../../shared/model/json.ts';
import { sessions } from '../../../shared/sandbox/aws/iam-rows.ts';
import { reach } from '../../../shared/sandbox/aws/network.ts';
import { refreshes } from '../../../shared/sandbox/azure/entra-users.ts';
import { reachAzure } from '../../../shared/sandbox/azure/network.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';

/** What the attacker tries, and what the cloud answers: the proof that is not Cordon's own word. */
export type Attack = {
  /** The call as somebody would type it. */
  readonly call: string;
  /** What came back, in the cloud's own words; `worked` when the attacker got what they wanted. */
  attempt(sandbox: Sandbox): Promise<{ readonly worked: boolean; readonly answer: string }>;
};

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

const refused = (thrown: unknown): { worked: false; answer: string } => {
  const code = String(own(thrown, 'Code') ?? own(thrown, 'name') ?? 'error');
  return { worked: false, answer: `${code}: ${messageOf(thrown)}` };
};

const client = ({ requestHandler }: Sandbox, credentials?: Keys) => ({
  region: 'eu-west-1',
  maxAttempts: 1,
  requestHandler,
  ...(credentials
    ? { credentials }
    : {
        credentials: { accessKeyId: '', secretAccessKey: '' },
        signer: { sign: async <T>(request: T): Promise<T> => request },
      }),
});

/** `aws sts get-caller-identity` with a long-term key. */
export const whoAmI = (keys: Keys): Attack => ({
  call: `aws sts get-caller-identity   (key ${keys.accessKeyId})`,
  async attempt(sandbox) {
    try {
      const { Arn = '' } = await new STSClient(client(sandbox, keys)).send(new GetCallerIdentityCommand({}));
      return { worked: true, answer: Arn };
    } catch (thrown) {
      return refused(thrown);
    }
  },
});

/** `aws iam create-access-key` for a user, with the keys of somebody who may: how attackers stay after they were cut off. */
export const makeKey = (userName: string, session: string): Attack => ({
  call: `aws iam create-access-key --user-name ${userName}   (session ${session})`,
  async attempt(sandbox) {
    try {
      const command = new CreateAccessKeyCommand({ UserName: userName });
      const { AccessKey } = await new IAMClient(client(sandbox, stolen(sandbox, session))).send(command);
      return { worked: true, answer: `AccessKeyId ${AccessKey?.AccessKeyId ?? ''}` };
    } catch (thrown) {
      return refused(thrown);
    }
  },
});

/** The keys of a session that stands in the estate, as somebody stole them. */
function stolen({ rows }: Sandbox, accessKeyId: string): Keys {
  const session = rows.get(sessions, accessKeyId);
  if (!session) throw new Error(`the estate has no session ${accessKeyId}`);
  return { accessKeyId, secretAccessKey: session.secret, sessionToken: session.token };
}

/** `aws s3 cp` with a stolen session, or without any credentials. */
export const readObject = (bucket: string, key: string, accessKeyId?: string): Attack => ({
  call:
    accessKeyId === undefined
      ? `curl https://${bucket}.s3.eu-west-1.amazonaws.com/${key}`
      : `aws s3 cp s3://${bucket}/${key} -   (session ${accessKeyId})`,
  async attempt(sandbox) {
    try {
      const s3 = new S3Client(client(sandbox, accessKeyId === undefined ? undefined : stolen(sandbox, accessKeyId)));
      const { ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { worked: true, answer: `200 OK, ${ContentLength} bytes` };
    } catch (thrown) {
      return refused(thrown);
    }
  },
});

const connection = (result: 'connected' | 'timeout') =>
  result === 'connected' ? { worked: true, answer: 'connected' } : { worked: false, answer: 'connection timed out' };

/** A connection from an instance to its command and control server. */
export const callHome = (instanceId: string, address: string, port: number): Attack => ({
  call: `nc ${address} ${port}   (on ${instanceId})`,
  attempt: async (sandbox) => connection(reach(sandbox, { from: instanceId, to: address, port })),
});

/** An SSH connection to an Azure virtual machine. */
export const secureShell = (from: string, vmId: string, name: string): Attack => ({
  call: `ssh azureuser@${name}   (from ${from})`,
  attempt: async (sandbox) => connection(reachAzure(sandbox, { from, vmId, port: 22 })),
});

/** A download of a blob by somebody with a reader's token. */
export const download = (url: string, principal: string): Attack => ({
  call: `curl ${url}`,
  async attempt(sandbox) {
    const { token } = await sandbox.credential(principal).getToken('https://storage.azure.com/.default');
    const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2025-01-05' };
    const {
      status,
      body,
      headers: answer,
    } = await sandbox.handle({ method: 'GET', url: new URL(url), headers, body: new Uint8Array() });
    const error = answer['x-ms-error-code'];
    return status < 300
      ? { worked: true, answer: `200 OK, ${body.length} bytes` }
      : { worked: false, answer: `${status} ${error ?? ''}` };
  },
});

/** A refresh token that was stolen before the sign-ins were revoked. */
export const refreshToken = (user: string, issuedAt: string): Attack => ({
  call: `POST login.microsoftonline.com/…/token grant_type=refresh_token   (${user}, issued ${issuedAt})`,
  attempt: async (sandbox) =>
    refreshes(sandbox, user, issuedAt)
      ? { worked: true, answer: '200 OK, a new access token' }
      : {
          worked: false,
          answer: 'invalid_grant: AADSTS50173: The provided grant has expired due to it being revoked.',
        },
});
