import { readFileSync } from 'node:fs';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { storageQueues } from '../../shared/adapters/azure/queues.ts';
import type { VirtualClock } from '../../shared/sandbox/clock.ts';
import { type Data, type FunctionsHost, type Invoked, json, text } from './functions-host.ts';

type Message = {
  readonly body: unknown;
  /** When it is deleted unread; null where it never is. */
  readonly expires: number | null;
  visibleAt: number;
  dequeueCount: number;
};

const { queues: settings } = JSON.parse(readFileSync(new URL('../../host.json', import.meta.url), 'utf8')).extensions;
const [hours = 0, minutes = 0, seconds = 0] = String(settings.visibilityTimeout).split(':').map(Number);

/** What host.json says of queues: after so many deliveries a message is given up, and between two is so much time. */
export const hostQueues = {
  maxDequeueCount: Number(settings.maxDequeueCount),
  visibilityMilliseconds: ((hours * 60 + minutes) * 60 + seconds) * 1_000,
};

const week = 7 * 86_400_000;
const hidden = 10 * 60_000;
const putMessage =
  /^https:\/\/[a-z0-9]+\.queue\.core\.windows\.net\/([a-z0-9-]+)\/messages\?visibilitytimeout=(\d+)&messagettl=(-1|\d+)$/;
const envelope = /^<QueueMessage><MessageText>([A-Za-z0-9+/=]+)<\/MessageText><\/QueueMessage>$/;

const dataOf = (body: unknown): Data => (typeof body === 'string' ? text(body) : json(body));

/**
 * Storage queues with the Functions host beside them, on a clock that the test moves. As the host's extension does it
 * (azure-sdk-for-net, QueueProcessor): what fails comes again after `visibilityTimeout`, and after `maxDequeueCount`
 * deliveries goes to the queue with `-poison` behind its name. Such a queue has none of its own: what fails there is
 * left for ten minutes, and after as many deliveries is not handed over any more. What is put expires after a week.
 */
export function queuesBeside(host: FunctionsHost, clock: () => VirtualClock) {
  const all = new Map<string, Message[]>();
  const refuses = { all: false };
  const queueOf = (name: string): Message[] => all.get(name) ?? all.set(name, []).get(name) ?? [];
  const now = () => clock().milliseconds;
  const put = (name: string, body: unknown, delay = 0, life: number | null = week): void =>
    void queueOf(name).push({
      body,
      dequeueCount: 0,
      visibleAt: now() + delay,
      expires: life === null ? null : now() + life,
    });
  const remove = (name: string, message: Message): void =>
    void all.set(
      name,
      queueOf(name).filter((one) => one !== message),
    );

  const httpClient: HttpClient = {
    async sendRequest(request) {
      const answer = (status: number) => ({ request, status, headers: createHttpHeaders(), bodyAsText: '' });
      const [, name = '', delay = '', life = ''] = putMessage.exec(request.url) ?? [];
      const [, body = ''] = envelope.exec(String(request.body)) ?? [];
      if (refuses.all) return answer(503);
      if (request.headers.get('authorization') !== 'Bearer https://storage.azure.com/.default') return answer(401);
      if (request.method !== 'POST' || name === '' || body === '') return answer(400);
      if (Number(delay) > 604_800 || body.length > 65_536) return answer(400);
      put(
        name,
        JSON.parse(Buffer.from(body, 'base64').toString()),
        Number(delay) * 1_000,
        life === '-1' ? null : Number(life) * 1_000,
      );
      return answer(201);
    },
  };
  const credential = {
    getToken: async (scopes: string | string[]) => ({ token: String(scopes), expiresOnTimestamp: week * 1_000_000 }),
  };

  const functionOf = (name: string): string | undefined =>
    [...host.functions.values()].find(({ bindings }) =>
      Object.values(bindings).some(({ type, queueName }) => type === 'queueTrigger' && queueName === name),
    )?.name;

  const failed = (name: string, message: Message): void => {
    if (name.endsWith('-poison')) message.visibleAt = now() + hidden;
    else if (message.dequeueCount < hostQueues.maxDequeueCount)
      message.visibleAt = now() + hostQueues.visibilityMilliseconds;
    else {
      put(`${name}-poison`, message.body);
      remove(name, message);
    }
  };

  /** What a function put out goes into its queues. */
  const took = ({ queues }: Invoked): void => {
    for (const [name, bodies] of Object.entries(queues)) for (const body of bodies) put(name, body);
  };

  async function deliver(name: string, functionName: string, message: Message): Promise<void> {
    message.dequeueCount += 1;
    if (message.dequeueCount > hostQueues.maxDequeueCount) return failed(name, message);
    const metadata = { dequeueCount: json(message.dequeueCount) };
    try {
      took(await host.invoke(functionName, dataOf(message.body), {}, metadata));
      remove(name, message);
    } catch {
      failed(name, message);
    }
  }

  const visible = () =>
    [...all].flatMap(([name, messages]) => {
      const functionName = functionOf(name);
      const due = messages.filter(({ visibleAt }) => visibleAt <= now());
      return functionName === undefined ? [] : due.map((message) => ({ name, functionName, message }));
    });

  return {
    refuses,
    took,
    put,
    /** As a function app is wired with it. */
    waiting: {
      clock: { now: () => clock().now() },
      put: storageQueues({ endpoint: 'https://cordonhost.queue.core.windows.net', credential, httpClient }),
    },
    /** Empties all queues, for another test. */
    clear(): void {
      all.clear();
      refuses.all = false;
    },
    bodiesIn: (name: string): readonly unknown[] => queueOf(name).map(({ body }) => body),
    /** Everything that stands in some queue, but in those of other functions. */
    get standing(): readonly string[] {
      return [...all].flatMap(([name, messages]) => messages.map(() => name));
    },
    /** Delivers what is due until an instant, moving the clock; answers with the number of deliveries. */
    async until(end: string): Promise<number> {
      let deliveries = 0;
      for (;;) {
        for (const [name, messages] of all)
          all.set(
            name,
            messages.filter(({ expires }) => expires === null || expires > now()),
          );
        const due = visible();
        for (const { name, functionName, message } of due) await deliver(name, functionName, message);
        deliveries += due.length;
        if (due.length > 0) continue;
        const served = [...all].filter(([name]) => functionOf(name) !== undefined).flatMap(([, messages]) => messages);
        const next = Math.min(...served.map(({ visibleAt }) => visibleAt), Date.parse(end));
        if (next >= Date.parse(end)) {
          clock().moveTo(end);
          return deliveries;
        }
        clock().moveTo(new Date(next).toISOString());
      }
    },
  };
}
