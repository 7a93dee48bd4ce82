import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import type { RunState } from '../../shared/model/run.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { type Received, receive } from '../../shared/run/receive.ts';
import { readRun } from '../../shared/run/turn.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { production, tenant, writerPrincipal } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { carryOn, changing, playbook, type Road, road } from '../support/road.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
const shipped: readonly Playbook[] = files.flatMap(({ read }) => (read ? [read.playbook] : []));

const requester = { kind: 'event', id: 'queue' } as const;

type Loop = Road & { readonly runs: string[]; readonly playbooks: readonly Playbook[] };

function loopOf(playbooks: readonly Playbook[]): Loop {
  const identityProviders = [{ arn: `arn:aws:iam::${production}:saml-provider/NorthwindEntra`, tenant }];
  const plain = road({ identityProviders });
  const azure = { ...plain.deps.settings.azure, identities: [writerPrincipal] };
  const deps = { ...plain.deps, settings: { ...plain.deps.settings, azure } };
  return { ...plain, deps, runs: [], playbooks };
}

/** A second person agrees to whatever is asked. */
async function agreed(one: Loop, runId: string): Promise<void> {
  for (let open = await openApprovals(one.deps); open.length > 0; open = await openApprovals(one.deps)) {
    const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
    for (const { id, digest } of open) await answer(one.deps, id, digest, yes);
    await carryOn(one, runId);
  }
}

/** Delivers an event, lets what it starts run to its end, and tells what became of it. */
async function delivered(one: Loop, event: JsonObject, agree = ''): Promise<readonly Received[]> {
  const before = one.runs.length;
  makeKnown(one.sandbox, findingIn(event), event);
  const starter = { start: async (runId: string) => void one.runs.push(runId) };
  const received = await receive({ ...one.deps, starter }, playbookSet(one.playbooks), event, requester);
  for (const runId of one.runs.slice(before)) {
    await carryOn(one, runId);
    if (agree === 'agree') await agreed(one, runId);
  }
  return received;
}

const hex = (number: number): string => number.toString(16).padStart(32, '0');
/** When an event of some round is sent. */
const sent = (one: Loop) => ({ time: one.sandbox.clock.now() });

/** GuardDuty finds something new about what an event is about, or about who is said to have done it. */
const foundAnew = (one: Loop, name: string, number: number, more: JsonObject = {}): JsonObject => {
  const region = 'eu-west-1';
  const id = hex(number);
  const arn = `arn:aws:guardduty:${region}:${production}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/${id}`;
  const at = one.sandbox.clock.now();
  const renewed = { 'detail.id': id, 'detail.arn': arn, 'detail.updatedAt': at, ...sent(one), ...more };
  return withMembers(readEvent(`guardduty/${name}`), renewed);
};

/** Defender raises another alert about the machine. */
const alertedAnew = (one: Loop, number: number): JsonObject => {
  const SystemAlertId = `2516471987999999999_${hex(number).slice(0, 8)}-91a2-4b3c-8d4e-5f60718293a4`;
  const at = one.sandbox.clock.now();
  return withMembers(readEvent('defender/vm-brute-force-export'), {
    SystemAlertId,
    TimeGenerated: at,
    ProcessingEndTime: at,
  });
};

/** A finding about a call of Cordon's, whose actor is the session that made it. */
const aboutUs = (one: Loop, { caller }: RecordedCall, number: number): JsonObject => {
  const [, role = '', session = ''] = caller.split(':').at(-1)?.split('/') ?? [];
  return foundAnew(one, 'leaked-access-key', number, {
    'detail.type': 'Persistence:IAMUser/AnomalousBehavior',
    'detail.resource.accessKeyDetails': {
      accessKeyId: 'ASIACORDONWRITER0001',
      principalId: `AROACORDONWRITER0001:${session}`,
      userType: 'AssumedRole',
      userName: role,
    },
  });
};

const about = [
  'leaked-access-key',
  'instance-credential-exfiltration-outside',
  'compromised-instance',
  'public-bucket',
  'saml-session',
] as const;

/** What the deliveries of some events came to, counted. */
async function tally(one: Loop, events: readonly JsonObject[], said: Map<string, number>): Promise<void> {
  for (const event of events)
    for (const received of await delivered(one, event)) {
      const word = received.kind === 'skipped' ? received.reason : received.kind;
      said.set(word, (said.get(word) ?? 0) + 1);
    }
}

/** Lets every run end: nobody answers what is still asked. */
async function ended(one: Loop): Promise<readonly (RunState | undefined)[]> {
  one.sandbox.clock.advance(2 * 86_400);
  for (const runId of one.runs) await carryOn(one, runId);
  return Promise.all(one.runs.map((runId) => readRun(one.deps.records, runId)));
}

/**
 * What a further finding has done once more, because it is about a later moment: evidence is taken, which changes
 * nothing that anybody uses, and whoever has signed in since is signed out.
 */
const renewed = [
  'ec2:CreateSnapshots',
  'Microsoft.Compute/snapshots/write',
  'Microsoft.Compute/disks/beginGetAccess/action',
  'graph:users/revokeSignInSessions',
];

describe('our own changes that come back as events', () => {
  test('for 100 rounds change nothing a second time, and every run ends', async () => {
    const one = loopOf(shipped);
    for (const [at, name] of about.entries()) await delivered(one, foundAnew(one, name, at + 1), 'agree');
    await delivered(one, alertedAnew(one, 9), 'agree');
    const first = changing(one);
    expect(first.length).toBeGreaterThan(20);
    expect(first.every(({ caller }) => caller.includes('CordonWriter') || caller === writerPrincipal)).toBe(true);

    const said = new Map<string, number>();
    let fed = 0;
    for (let round = 1; round <= 100; round += 1) {
      one.sandbox.clock.advance(900);
      const echoes = changing(one)
        .slice(fed)
        .filter(({ cloud }) => cloud === 'aws');
      fed = changing(one).length;
      const name = about[round % (about.length + 1)];
      const fresh = name ? foundAnew(one, name, 1_000 * round) : alertedAnew(one, 1_000 * round);
      await tally(one, [fresh, ...echoes.map((call, at) => aboutUs(one, call, 1_000 * round + at + 1))], said);
    }
    const again = changing(one).slice(first.length);
    expect(again.map(({ operation }) => operation).filter((operation) => !renewed.includes(operation))).toEqual([]);
    expect(said.get('own-change')).toBe(changing(one).filter(({ cloud }) => cloud === 'aws').length);
    expect(said.get('opened')).toBeGreaterThanOrEqual(100);
    const states = await ended(one);
    expect(states.map((state) => state?.status).filter((status) => status !== 'ended')).toEqual([]);
    expect(changing(one).length).toBe(first.length + again.length);
  }, 120_000);
});

/** Two playbooks that each undo what the other one has done, on findings that each other's changes raise. */
const pingPong = ['ping', 'pong'].map((word) =>
  playbook(`
id: ${word}
title: Marks an instance ${word}
on: { finding: { type: [{ prefix: "${word === 'ping' ? 'Backdoor' : 'Trojan'}:EC2/" }] } }
targets: { type: [aws.ec2.instance], role: [affected] }
mode: enforce
limits: { perHour: 2 }
steps:
  - id: mark
    action: aws.ec2.tag-resource
    with: { resourceId: "\${target.instanceId}", tags: { "cordon:state": ${word} } }
`),
);

describe('two playbooks that undo each other', () => {
  const kindOf = { ping: 'Backdoor:EC2/C&CActivity.B', pong: 'Trojan:EC2/DNSDataExfiltration' };
  const marks = (one: Loop) => changing(one).filter(({ operation }) => operation === 'ec2:CreateTags').length;

  test('are stopped at once where the events say who has made the change', async () => {
    const one = loopOf(pingPong);
    await delivered(one, foundAnew(one, 'compromised-instance', 1, { 'detail.type': kindOf.ping }));
    const before = marks(one);
    for (const [at, call] of changing(one).entries()) {
      const received = await delivered(one, aboutUs(one, call, 10 + at));
      expect(received).toMatchObject([{ kind: 'skipped', reason: 'own-change' }]);
    }
    expect(marks(one)).toBe(before);
  });

  test('are stopped by their budgets within two rounds where the events do not say it', async () => {
    const one = loopOf(pingPong);
    const perRound: number[] = [];
    for (let round = 1; round <= 10; round += 1) {
      const before = marks(one);
      for (const type of [kindOf.ping, kindOf.pong])
        await delivered(
          one,
          foundAnew(one, 'compromised-instance', 100 * round + type.length, { 'detail.type': type }),
        );
      perRound.push(marks(one) - before);
    }
    expect(perRound[0]).toBeGreaterThan(0);
    expect(perRound.slice(2)).toEqual(Array.from({ length: 8 }, () => 0));
    const states = await ended(one);
    expect(states.filter((state) => state?.status !== 'ended')).toEqual([]);
    expect(states.some((state) => state?.result?.steps.some(({ reason }) => reason === 'approval-lapsed'))).toBe(true);
  });
});
