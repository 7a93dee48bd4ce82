import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, deployed, of } from '../support/azure-deployed.ts';
import type { Deployed } from '../support/bicep-deploy.ts';
import { doors } from '../support/doors.ts';
import { readEvent } from '../support/events.ts';
import { functionsHost, json } from '../support/functions-host.ts';
import { queuesBeside } from '../support/storage-queues.ts';

const host = functionsHost();
const [
  { registerOnEvent },
  { registerOnForward },
  { registerOnRelay },
  { registerOnRequest },
  { registerOnRun },
  { registerOnSchedule },
  { registerOnWebhook },
] = await Promise.all([
  import('../../functions/azure/on-event.ts'),
  import('../../functions/azure/on-forward.ts'),
  import('../../functions/azure/on-relay.ts'),
  import('../../functions/azure/on-request.ts'),
  import('../../functions/azure/on-run.ts'),
  import('../../functions/azure/on-schedule.ts'),
  import('../../functions/azure/on-webhook.ts'),
]);

const { app, forwarding, subscriptions, rules, queryOf } = deployed;
const functionOf = ({ body }: Deployed): string =>
  String(at(body, 'properties', 'destination', 'properties', 'resourceId'))
    .split('/')
    .at(-1) ?? '';
const queueNames = of(app, 'Microsoft.Storage/storageAccounts/queueServices/queues').map(({ name }) => name);

const alert = readEvent('defender/vm-brute-force-export');
const company = doors();
const queues = queuesBeside(host, () => company.sandbox.clock);
const away = async (): Promise<never> => {
  throw new Error('nothing can be wired');
};
beforeEach(() => {
  host.forget();
  queues.clear();
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

const apps = {
  home(): void {
    registerOnEvent(away, queues.waiting, true);
    registerOnRun(away);
    registerOnRequest(away);
    registerOnWebhook(away);
    registerOnRelay(away, queues.waiting);
    registerOnSchedule(away);
  },
  forwarding(): void {
    registerOnForward(away, queues.waiting, true);
  },
};

type Edge = readonly [from: string, to: string];

/** What a binding says of its function: what it hears, and what it puts out. */
const meaning: Readonly<Record<string, (name: string, queue: string) => readonly Edge[]>> = {
  queueTrigger: (name, queue) => [[`queue ${queue}`, name]],
  queue: (name, queue) => [[name, `queue ${queue}`]],
  durableClient: (name) => [[name, 'orchestrations']],
  orchestrationTrigger: (name) => [
    ['orchestrations', name],
    [name, 'orchestrations'],
    [name, 'activities'],
  ],
  activityTrigger: (name) => [['activities', name]],
};

const bound = (): readonly Edge[] =>
  [...host.functions.values()].flatMap(({ name, bindings }) =>
    Object.values(bindings).flatMap(({ type, queueName = '' }) => meaning[type]?.(name, queueName) ?? []),
  );

/** Where a message of a queue is put back to, as it is when nothing can be wired. */
async function putBack(): Promise<readonly Edge[]> {
  const edges: Edge[] = [];
  for (const { name, bindings } of host.functions.values()) {
    if (!Object.values(bindings).some(({ type }) => type === 'queueTrigger')) continue;
    queues.clear();
    await host.invoke(name, json(alert)).catch(() => undefined);
    edges.push(...queues.standing.map((queue): Edge => [name, `queue ${queue}`]));
  }
  return edges;
}

/** The host moves what it gives up; a poison queue has none of its own. */
const givenUp = (): readonly Edge[] =>
  queueNames.filter((name) => !name.endsWith('-poison')).map((name): Edge => [`queue ${name}`, `queue ${name}-poison`]);

const senders = ['d5a91429-5739-47e2-a06b-3470a27159e7', '2b629674-e913-4c01-ae53-ef4638d8f975'];
/** Topics and hubs that the app's identity may send to, each of its functions; and what listens there. */
function published(resources: readonly Deployed[]): readonly Edge[] {
  const sent = of(resources, 'Microsoft.Authorization/roleAssignments')
    .filter(({ body }) => senders.some((role) => String(at(body, 'properties', 'roleDefinitionId')).endsWith(role)))
    .filter(({ body }) => at(body, 'properties', 'principalId') === '<home.properties.principalId>')
    .flatMap(({ body }) => [...host.functions.keys()].map((name): Edge => [name, `topic ${at(body, 'scope')}`]));
  return [...sent, ...subscriptions.map((one): Edge => [`topic ${one.body['parent']}`, functionOf(one)])];
}

/** Everything that can be come to from a place, in one step or more. */
function reachable(edges: readonly Edge[], start: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [start];
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const [from, to] of edges)
      if (from === one && !found.has(to)) {
        found.add(to);
        open.push(to);
      }
  return found;
}

/** The functions that may wake themselves, each with the queues and others on the way round. */
function loops(edges: readonly Edge[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...host.functions.keys()]
      .map((name) => [name, reachable(edges, name)] as const)
      .filter(([name, from]) => from.has(name))
      .map(([name, from]) => [name, [...from].filter((one) => reachable(edges, one).has(name)).sort()]),
  );
}

const graph = async (resources: readonly Deployed[]): Promise<readonly Edge[]> => [
  ...bound(),
  ...(await putBack()),
  ...givenUp(),
  ...published(resources),
];

/** A message that waits: it comes again after as long as it has waited, in a quarter of an hour at the latest. */
const waits = ['on-inbox', 'on-inbox-poison', 'queue cordon-inbox', 'queue cordon-inbox-poison'];

describe('from a function on Azure back to its own trigger', () => {
  it('nothing leads in a home but what is meant: what waits, and the orchestration of a run that begins anew', async () => {
    apps.home();
    const edges = await graph(app);
    const kinds = [...host.functions.values()].flatMap(({ bindings }) =>
      Object.values(bindings).map(({ type }) => type),
    );
    const others = ['eventGridTrigger', 'eventHubTrigger', 'httpTrigger', 'http', 'timerTrigger'];
    expect(kinds.filter((type) => meaning[type] === undefined && !others.includes(type))).toEqual([]);
    expect(edges.length).toBeGreaterThan(40);
    expect(loops(edges)).toEqual({
      'on-inbox': waits,
      'on-inbox-poison': waits,
      'on-relay': ['on-relay', 'queue cordon-relay'],
      // sleeps until the run is due or somebody wakes it; it ends with the run
      run: ['orchestrations', 'run'],
    });
  });

  it('nothing leads where events are handed on but what waits for the home', async () => {
    apps.forwarding();
    expect(loops(await graph(forwarding))).toEqual({ 'on-inbox': waits, 'on-inbox-poison': waits });
    expect([...host.functions.keys()]).not.toContain('on-forwarded');
  });

  it('a way is seen where there is one: a listener on the topic of the relay, or of outcomes', async () => {
    apps.home();
    const edges = await graph(app);
    for (const topic of ['topic <alerts>', 'topic <ended>'])
      expect(Object.keys(loops([...edges, [topic, 'on-event-grid']]))).toContain('on-event-grid');
  });
});

describe('a queue on Azure', () => {
  it('has a poison queue, and an alarm that sees what is put into that and nothing else', () => {
    const [, part = '-'] =
      /^StorageQueueLogs \| where OperationName == "PutMessage" and Uri contains "([^"]+)"$/.exec(queryOf('poison')) ??
      [];
    const own = queueNames.filter((name) => !name.endsWith('-poison'));
    expect(own).toEqual(['cordon-runs', 'cordon-inbox', 'cordon-relay']);
    expect(queueNames.filter((name) => name.includes(part)).sort()).toEqual(own.map((name) => `${name}-poison`).sort());
    const [logs] = of(app, 'Microsoft.Insights/diagnosticSettings').filter(({ body }) => body['scope'] === '<queues>');
    expect(JSON.stringify(logs)).toContain('{"category":"StorageWrite","enabled":true}');
  });

  it('is read by a function, and its poison queue too, but for what nobody misses', async () => {
    apps.home();
    const readers = new Set(bound().flatMap(([from]) => (from.startsWith('queue ') ? [from.slice(6)] : [])));
    expect(queueNames.filter((name) => !readers.has(name))).toEqual([
      'cordon-runs-poison', // ids of runs: the sweep starts them again
      'cordon-relay-poison', // copies of alerts that were taken themselves
    ]);
    const unread = of(forwarding, 'Microsoft.Storage/storageAccounts/queueServices/queues').map(({ name }) => name);
    host.forget();
    apps.forwarding();
    expect(unread.filter((name) => !bound().some(([from]) => from === `queue ${name}`))).toEqual([
      'cordon-runs', // a forwarding app has no runs
      'cordon-runs-poison',
    ]);
  });

  it('has an alarm for what has waited in it for long, and one for each function that throws', () => {
    expect(queryOf('inbox-waits')).toBe(
      'AppTraces | where Message has "a message waits" | where toint(parse_json(Message).waitedSeconds) > 1800',
    );
    expect(queryOf('function-failed')).toMatch(/^AppRequests \| where Success == false and /);
    for (const { allOf } of rules)
      expect(allOf).toMatchObject({ timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 });
  });
});
