import { request as ask } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ClusterAddress, ClusterAnswer, ClusterRequest } from '../../actions/kubernetes/cluster.ts';
import type { Call, SessionRequest } from '../../ports/clouds.ts';

/** The way to API servers: the network, or the sandbox. */
export type ClusterTransport = (
  address: ClusterAddress,
  request: ClusterRequest,
  signal: AbortSignal,
) => Promise<ClusterAnswer>;

/** HTTPS, trusting the cluster's own authority and no other. */
export const overHttps: ClusterTransport = (
  { server, certificateAuthority },
  { method, path, headers, body },
  signal,
) =>
  new Promise((resolve, reject) => {
    const sending = ask(
      new URL(path, server),
      { method, headers: { ...headers }, ca: certificateAuthority, signal },
      (answer) => {
        const said = Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]);
        text(answer).then(
          (all) => resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(said), body: all }),
          reject,
        );
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });

/** Asks before every request to an API server, and notes its answer: method and path, the audit id, the status. */
export function recorded(
  transport: ClusterTransport,
  calls: Call[],
  mayCall: SessionRequest['mayCall'],
): ClusterTransport {
  return async (address, request, signal) => {
    await mayCall?.();
    const operation = `Kubernetes:${request.method} ${request.path.split('?')[0]}`;
    try {
      const answer = await transport(address, request, signal);
      const failed = answer.status >= 400 && { error: `http-${answer.status}` };
      calls.push({ operation, requestId: answer.headers['audit-id'] ?? '', status: answer.status, ...failed });
      return answer;
    } catch (thrown) {
      calls.push({ operation, requestId: '', status: 0, error: thrown instanceof Error ? thrown.name : 'unknown' });
      throw thrown;
    }
  };
}
