import { accessKeys, sessions } from '../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

/** How an SDK client is set up to speak as the holder of a key that the estate knows. */
export function holding({ rows, requestHandler }: Sandbox, accessKeyId: string, region = 'eu-west-1') {
  const key = rows.get(accessKeys, accessKeyId) ?? rows.get(sessions, accessKeyId);
  if (!key) throw new Error(`the estate has no key ${accessKeyId}`);
  const sessionToken = 'token' in key ? { sessionToken: key.token } : {};
  const credentials = { accessKeyId, secretAccessKey: key.secret, ...sessionToken };
  return { region, credentials, requestHandler, maxAttempts: 1 };
}

/** How an SDK client is set up to sign nothing, as anybody on the Internet. */
export const nobody = ({ requestHandler }: Sandbox, region = 'eu-west-1') => ({
  region,
  requestHandler,
  maxAttempts: 1,
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  signer: { sign: async <T>(request: T): Promise<T> => request },
});

/** The error code of a call, or `undefined` where it succeeds. */
export const refusal = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.name : String(thrown)),
  );
