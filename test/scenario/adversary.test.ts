import { expect, test } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import { accessKeys, users } from '../../shared/sandbox/aws/iam-rows.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Notice } from '../../shared/model/notice.ts';
import type { Clouds, Session, SessionRequest } from '../../shared/ports/clouds.ts';
import type { Notifier } from '../../shared/ports/notifier.ts';
import { sideBySide } from '../../shared/records/side-by-side.ts';
import { openBreakers } from '../../shared/records/breakers.ts';
import { held } from '../../shared/records/containments.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { openRuns } from '../../shared/run/open.ts';
import { turn } from '../../shared/run/turn.ts';
import { findingIn } from '../support/events.ts';
import { production } from '../support/company.ts';
import { changing, disableKey, leakedKey, type Road, road } from '../support/road.ts';

const hosts = 200;
const events = 1_000;
const budget = 20;
/** Every tenth of them is a break-glass user. */
const isProtected = (host: number): boolean => host % 10 === 3;
const nameOf = (host: number): string => `${isProtected(host) ? 'break-glass' : 'svc'}-${host}`;
const keyOf = (host: number): string => `AKIASERVICE${String(host).padStart(9, '0')}`;

function seed({ sandbox: { rows } }: Road): void {
  for (let host = 0; host < hosts; host += 1) {
    const name = nameOf(host);
    const account = production;
    const userId = `AIDASERVICE${String(host).padStart(9, '0')}`;
    const arn = `arn:aws:iam::${account}:user/${name}`;
    rows.put(users, `${account}/${name}`, {
      ...{ account, name, path: '/', userId, arn, groups: [], attached: [], inline: {}, tags: {} },
    });
    const accessKeyId = keyOf(host);
    const createdAt = '2026-01-01T00:00:00.000Z';
    rows.put(accessKeys, accessKeyId, {
      account,
      userName: name,
      accessKeyId,
      secret: 's',
      status: 'Active',
      createdAt,
    });
  }
}

/** What the attacker provokes: a valid finding of its own about one of the users. */
function provoked(one: Road, number: number): { finding: ReturnType<typeof findingIn>; event: Json } {
  const host = number % hosts;
  const id = number.toString(16).padStart(32, 'a');
  const { event } = leakedKey({
    'detail.id': id,
    'detail.arn': `arn:aws:guardduty:eu-west-1:${production}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/${id}`,
    'detail.resource.accessKeyDetails.userName': nameOf(host),
    'detail.resource.accessKeyDetails.accessKeyId': keyOf(host),
    'detail.resource.accessKeyDetails.principalId': `AIDASERVICE${String(host).padStart(9, '0')}`,
  });
  const finding = findingIn(event);
  makeKnown(one.sandbox, finding, event);
  return { finding, event };
}

/** Opens the run of one finding and lets it go as far as it goes without waiting. */
async function received(one: Road, number: number): Promise<string> {
  const { finding, event } = provoked(one, number);
  const envelope = { time: one.sandbox.clock.now(), replayed: false };
  const requester = { kind: 'event', id: finding.id } as const;
  const [opening] = await openRuns(one.deps, playbookSet([how]), {
    finding,
    event,
    envelope,
    requester,
    wants: 'enforce',
  });
  if (!opening?.opened) throw new Error(`not opened: ${JSON.stringify(opening)}`);
  const standing = await turn(one.engine, opening.runId, one.signal);
  return standing.result
    ? `${standing.result.outcome} ${standing.result.reason}`
    : String(standing.waitsFor ?? 'settles');
}

const how = disableKey('', 'limits: { perHour: 1000 }');

/** One reader for all runs: a thousand sessions of the real SDK would take longer than all that they are for. */
function thrifty(real: Clouds): Partial<Clouds> {
  const readers = new Map<string, Promise<Session>>();
  return {
    session(request: SessionRequest) {
      if (request.rights === 'writer') return real.session(request);
      const key = `${request.account}/${request.region}`;
      const known = readers.get(key) ?? real.session(request);
      readers.set(key, known);
      return known;
    },
    // the findings are what the provider says: the attacker has really provoked them
    confirm: async () => 'same',
  };
}

test('1,000 provoked findings over 200 users stay within the budget, open the breaker once, and touch nothing protected', async () => {
  const protectedPrincipals = Array.from({ length: hosts }, (_, host) => host)
    .filter(isProtected)
    .map((host) => `arn:aws:iam::${production}:user/${nameOf(host)}`);
  const plain = road({ protectedPrincipals, accountPerHour: budget }, thrifty);
  const told: Notice[] = [];
  const notifier: Notifier = {
    channels: [],
    channelsFor(notice) {
      told.push(notice);
      return [];
    },
  };
  const deps = { ...plain.deps, notifier };
  // admission would let them in a few at a time: here all that come do come
  const { admission: _, ...engine } = engineOf(deps);
  const one: Road = { ...plain, deps, engine };
  seed(one);
  const all = Array.from({ length: events }, (_, at) => at);
  const words = await sideBySide(all, 25, (number) => received(one, number));

  expect(changing(one).map(({ operation }) => operation)).toEqual(
    Array.from({ length: budget }, () => 'iam:UpdateAccessKey'),
  );
  expect(await held(one.deps)).toHaveLength(budget);
  const off = one.sandbox.rows.all(accessKeys).filter(([, key]) => key.status === 'Inactive');
  expect(off).toHaveLength(budget);
  expect(off.filter(([, { userName }]) => userName.startsWith('break-glass'))).toEqual([]);
  expect(words.filter((word) => word === 'denied protected-principal')).toHaveLength(events / 10);
  expect(await openBreakers(one.deps, one.deps.settings.breaker)).toMatchObject([{ scope: production, opening: 1 }]);
  const pages = told.filter(({ kind }) => kind === 'breaker-opened');
  expect(new Set(pages.map(({ id }) => id)).size).toBe(1);
  expect(pages[0]).toMatchObject({ page: true, detail: expect.stringContaining(production) });
}, 60_000);
