import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { awsClouds } from '../../../shared/adapters/aws/clouds.ts';
import type { ClusterTransport } from '../../../shared/adapters/kubernetes/transport.ts';
import type { Clouds } from '../../../shared/ports/clouds.ts';
import { identities, northwindSettings } from '../../support/company.ts';

/** A moto server of our own (docs.getmoto.org, "Server mode"): the AWS that other hands wrote. */
export type Moto = {
  /** Forgets everything, and answers with the way to an empty AWS in which every role may do all. */
  fresh(): Promise<Clouds>;
  stop(): Promise<void>;
};

/** The address that the server says it listens on: a free port of the loopback interface. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [, address] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('moto did not start');
}

/** moto knows EKS clusters, and nothing of what is in them. */
const noApiServer: ClusterTransport = async () => {
  throw new Error('moto has no Kubernetes API server');
};

/** The adapter of production, speaking to moto; moto tells accounts apart by the role that was assumed. */
const cloudsAt = (endpoint: string): Clouds =>
  awsClouds({
    settings: northwindSettings(),
    clock: { now: () => new Date().toISOString(), sleep: async () => undefined },
    credentials: async () => identities.aws,
    homeRegion: 'eu-west-1',
    endpoint,
    clusters: noApiServer,
  });

/** Starts a server that the returned `stop` ends. */
export async function startMoto(python: string): Promise<Moto> {
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { ...process.env, AWS_DEFAULT_REGION: 'us-east-1', PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  process.once('exit', () => server.kill());
  const endpoint = await addressIn(server.stderr);
  server.stderr.resume();
  return {
    async fresh() {
      await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      return cloudsAt(endpoint);
    },
    async stop() {
      server.kill();
      await ended;
    },
  };
}
