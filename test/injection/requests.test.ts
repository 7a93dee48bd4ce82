import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import type { Action, StepContext } from '../../shared/action/action.ts';
import { awsClouds } from '../../shared/adapters/aws/clouds.ts';
import { azureClouds } from '../../shared/adapters/azure/clouds.ts';
import { CordonError } from '../../shared/model/error.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { foreignId } from '../../shared/guard/foreign-id.ts';
import { asJson, type Json } from '../../shared/model/json.ts';
import type { Clouds, Session } from '../../shared/ports/clouds.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import {
  identities,
  northwind,
  northwindSettings,
  production,
  readerPrincipal,
  subscription,
} from '../support/company.ts';
import { findingIn, primaryOf, readEvent } from '../support/events.ts';
import { at, hole, leaves, payloadsFor } from './payloads.ts';

const { signal } = new AbortController();
const context: StepContext = {
  runId: 'abcdefghijklmnopqrstuvwxyz',
  key: 'abcdefghijklmnopqrstuvwxyz-step',
  startedAt: '2026-11-20T12:00:00.000Z',
  signal,
  wait: async () => {},
  learnt: new Map(),
};

/** The reader of Northwind on Azure, and every address it asks. */
async function azureReader() {
  const sandbox = createSandbox(northwind());
  const asked: URL[] = [];
  const httpClient: typeof sandbox.httpClient = {
    sendRequest(request) {
      asked.push(new URL(request.url));
      return sandbox.httpClient.sendRequest(request);
    },
  };
  const clouds = azureClouds({
    settings: northwindSettings(),
    credentials: { reader: sandbox.credential(readerPrincipal) },
    httpClient,
  });
  const place = { cloud: 'azure', account: subscription, region: '', rights: 'reader', runId: context.runId } as const;
  return { clouds, asked, session: await clouds.session({ ...place, signal }) };
}

const hosts = /^(management\.azure\.com|graph\.microsoft\.com|[a-z0-9]{3,24}\.blob\.core\.windows\.net)$/;

/** What an address names, once it is decoded; and whether anything in it steps aside. */
function named(url: URL): string {
  expect(url.hostname).toMatch(hosts);
  expect([url.username, url.password, url.port, url.hash]).toEqual(['', '', '', '']);
  return decodeURIComponent(url.pathname);
}

/** Asks for a value; whatever the provider answers is fine, a fault of ours is not. */
async function ask(action: Action, session: Session, input: Json): Promise<void> {
  try {
    await action.capture(session, action.parse(input), context);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CordonError);
  }
}

const actions = await Promise.all(Object.values(allActions).map(({ load }) => load()));
const onAzure = actions.filter(({ cloud }) => cloud === 'azure');

/** A payload in the place of a value, after it, and after or instead of each of its parts. */
function spoilt(good: string, payload: string): readonly string[] {
  const parts = good.split('/');
  const withPart = (change: (part: string) => string) =>
    parts.map((_, at) => parts.map((part, other) => (other === at ? change(part) : part)).join('/'));
  return [payload, `${good}${payload}`, ...withPart((part) => `${part}${payload}`), ...withPart(() => payload)];
}

/** What an address must name where an input names something. */
const wantedFor = (input: string, { hostname }: URL): string => {
  if (input.startsWith('https:')) return decodeURIComponent(new URL(input).pathname);
  return hostname === 'graph.microsoft.com' ? `/v1.0/users/${input}` : input;
};

describe.each(onAzure)('what $id asks for', (action) => {
  const [example] = action.examples;
  const paths = [...leaves(example)].filter(([name = '']) => /Id$|^user$|^servicePrincipal$|^url$/.test(name));

  test.each(paths)('is what its %s names to the letter, or it asks for nothing', async (...path) => {
    const { session, asked } = await azureReader();
    const { copy, fill } = hole(asJson(example), path);
    const inputs = payloadsFor(0).flatMap((payload, place) => {
      const forms = spoilt(String(at(example, path)), payload);
      return [forms[place % forms.length] ?? payload, ...(place % 4 === 0 ? forms.slice(1, 2) : [])];
    });
    let reached = 0;
    for (const input of inputs) {
      if (foreignId(input, subscription) !== undefined) continue; // refused before: test/guard
      asked.length = 0;
      fill(input);
      await ask(action, session, copy);
      const [first] = asked;
      if (!first) continue;
      reached += 1;
      const wanted = wantedFor(input, first).toLowerCase();
      const address = named(first).toLowerCase();
      // or the list that it would be in, by a part of the name that is the name's own to the letter
      const inList = address.includes('/providers/') && wanted.startsWith(`${address}/`);
      expect(inList ? wanted : address.slice(0, wanted.length)).toBe(wanted);
    }
    if (reached > 0) return;
    // the input takes none of it: what it does take is asked for all the same
    fill(String(at(example, path)));
    await ask(action, session, copy);
    expect(asked).not.toEqual([]);
  });
});

describe('reading a finding again', () => {
  const alert = readEvent('defender/vm-brute-force-arm');

  test('asks Defender for an alert and for nothing else, whatever an event calls its alert', async () => {
    const { clouds, session, asked } = await azureReader();
    const finding = findingIn(alert);
    const good = finding.link['alertId'] ?? '';
    for (const payload of payloadsFor(0))
      for (const alertId of [
        payload,
        `${good}${payload}`,
        good.replace('/providers/', `/${payload}/providers/`),
        `/subscriptions/${subscription}/${payload}`,
      ]) {
        asked.length = 0;
        await confirmed(clouds, session, { ...finding, link: { ...finding.link, alertId } });
        for (const url of asked) {
          expect(named(url)).toMatch(
            /^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?\/providers\/Microsoft\.Security\/locations\/[^/]+\/alerts\/[^/]+$/i,
          );
          expect([...url.searchParams.keys()]).toEqual(['api-version']);
        }
      }
  });

  test('asks GuardDuty for the findings of one detector, whatever an event calls it', async () => {
    const sandbox = createSandbox(northwind());
    const asked: string[] = [];
    const { requestHandler: real } = sandbox;
    const requestHandler: typeof real = {
      ...real,
      handle(request, options) {
        if (request.hostname.startsWith('guardduty')) asked.push(request.path);
        return real.handle(request, options);
      },
    };
    const clouds = awsClouds({
      settings: northwindSettings(),
      clock: sandbox.clock,
      credentials: async () => identities.aws,
      homeRegion: 'eu-west-1',
      requestHandler,
    });
    const place = {
      cloud: 'aws',
      account: production,
      region: 'eu-west-1',
      rights: 'reader',
      runId: context.runId,
    } as const;
    const session = await clouds.session({ ...place, signal });
    const { copy, fill } = hole(readEvent('guardduty/leaked-access-key'), ['detail', 'arn']);
    const arn = `arn:aws:guardduty:eu-west-1:${production}:detector`;
    for (const payload of payloadsFor(0))
      for (const rest of [
        `${payload}/finding/x`,
        `d${payload}/finding/x`,
        `d/finding/${payload}`,
        `d/finding/x${payload}`,
      ]) {
        fill(`${arn}/${rest}`);
        const { reading } = normalise(copy);
        for (const finding of reading.kind === 'findings' ? reading.findings : [])
          await confirmed(clouds, session, finding);
      }
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((path) => !/^\/detector\/[\w-]+\/findings\/get$/.test(path))).toEqual([]);
  });
});

async function confirmed(clouds: Clouds, session: Session, finding: Parameters<Clouds['confirm']>[1]): Promise<void> {
  try {
    await clouds.confirm(session, finding, primaryOf(finding));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CordonError);
  }
}
