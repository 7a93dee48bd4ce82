import { app, type HttpRequest } from '@azure/functions';
import type { IngressDeps } from '../../shared/api/ingress.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Starter } from '../../shared/ports/starter.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { type IntakeDeps, openIntake } from '../intake.ts';
import { faultFields, log } from '../log.ts';
import type { SentMetrics } from './azure-monitor-metrics.ts';
import { runsQueue, starting } from './bindings.ts';
import { answerOf } from './on-request.ts';

export type WebhookDeps = Omit<IntakeDeps, 'starter' | 'metrics'> &
  Pick<IngressDeps, 'identify'> & { readonly playbooks: readonly Playbook[]; readonly metrics?: SentMetrics };

/** The host's request as every other runtime has it; its body is left unread until somebody wants it. */
function requestOf({ url, method, headers, body }: HttpRequest): Request {
  const copied = new Headers();
  headers.forEach((value, name) => {
    copied.append(name, value);
  });
  return new Request(url, { method, headers: copied, ...(method === 'POST' && body && { body, duplex: 'half' }) });
}

const report = (fault: unknown): void => log('error', 'events could not be taken', faultFields(fault));

/**
 * Registers the door for events over HTTP, beside the triggers of the host. The function is anonymous to the host and
 * every request proves itself by a token of Entra ID for this application (`CORDON_IDENTITY`), whose subject the
 * settings list under `senders`:
 * - a Logic App or Sentinel playbook: the HTTP action with its managed identity, this application as audience;
 * - an action group: a secure webhook (learn.microsoft.com/azure/azure-monitor/alerts/action-groups);
 * - Event Grid: a webhook with Entra authentication, this application and its tenant in the event subscription
 *   (learn.microsoft.com/azure/event-grid/secure-webhook-delivery), which sends the token with the handshake too.
 */
export function registerOnWebhook(wired: () => Promise<WebhookDeps>): void {
  let compiled: PlaybookSet | undefined;
  const deps = async () => {
    const { playbooks, ...rest } = await wired();
    compiled = compiled?.all === playbooks ? compiled : playbookSet(playbooks);
    return { ...rest, playbooks: compiled };
  };
  app.http('on-webhook', {
    methods: ['POST', 'OPTIONS'],
    authLevel: 'anonymous',
    route: 'events',
    extraOutputs: [runsQueue],
    handler: async (request, context) => {
      const { createIngress, unavailable } = await import('../../shared/api/ingress.ts'); // many deployments have no senders
      try {
        const { playbooks, ...ready } = await deps();
        const worked = async (starter: Starter) => {
          const { invocationId: requestId } = context;
          const intake = openIntake({ ...ready, starter }, playbooks, requestId);
          const take: IngressDeps['take'] = (message, requester) => intake.take(message, requester, { requestId });
          try {
            return await answerOf(await createIngress({ ...ready, take, report }).fetch(requestOf(request)));
          } finally {
            await intake.close(null);
          }
        };
        return await starting(context, worked, ready.metrics);
      } catch (thrown) {
        report(thrown);
        return answerOf(unavailable(thrown));
      }
    },
  });
}
