import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClient } from '../../../shared/actions/aws/aws-action.ts';
import type { Credentials } from '../../../shared/adapters/aws/sessions.ts';

/** A moto server of our own (docs.getmoto.org, "Server mode"): the AWS that other hands wrote. */
export type Moto = {
  readonly endpoint: string;
  /** Forgets all accounts. */
  reset(): Promise<void>;
  /** Makes clients that may do everything in one account and region. */
  clients(account: string, region: string): Promise<<C>(Client: AwsClient<C>) => C>;
  stop(): Promise<void>;
};

/** Any key will do: moto tells accounts apart by the role that was assumed. */
export const anyKey: Credentials = { accessKeyId: 'AKIACORDONHOME000001', secretAccessKey: 'moto-asks-for-no-secret' };

async function assume(endpoint: string, account: string): Promise<Credentials> {
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials: anyKey });
  const RoleArn = `arn:aws:iam::${account}:role/estate`;
  const { Credentials: issued } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'estate' }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = issued ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error('moto gave no credentials');
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The address that the server says it listens on: a free port of the loopback interface. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [, address] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('moto did not start');
}

/** Starts a server that the returned `stop` ends. */
export async function startMoto(python: string): Promise<Moto> {
  const settings = { AWS_DEFAULT_REGION: 'us-east-1', PYTHONUNBUFFERED: '1' };
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const endpoint = await addressIn(server.stderr);
  server.stderr.resume();
  return {
    endpoint,
    reset: async () => void (await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })),
    async clients(account, region) {
      const credentials = await assume(endpoint, account);
      return (Client) =>
        new Client({ region, maxAttempts: 1, credentials: async () => credentials, endpoint } as never);
    },
    async stop() {
      server.kill();
      await ended;
    },
  };
}
