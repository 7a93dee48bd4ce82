import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createHandler as onEvent } from '../../functions/aws/on-event.ts';
import { lambdaStarter } from '../../shared/adapters/aws/starter.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { sources } from '../../shared/ingest/sources.ts';
import { isObject, type Json, type JsonObject, own } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { matches } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { readPlaybook } from '../../shared/playbook/parse.ts';
import type { Kind, Records } from '../../shared/ports/records.ts';
import { readTagged, type Resource, stackOf } from '../support/cloud-formation.ts';
import { statementsOf } from '../support/deployment.ts';
import { allStatements } from '../support/stack-rights.ts';
import { doors, lambdaContext, leakedKey, sqsEvent } from '../support/doors.ts';
import { heard } from '../support/console.ts';
import { durableLambda } from '../support/durable-lambda.ts';
import { eventNames, readEvent, withMembers } from '../support/events.ts';

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const Patterns = z.record(z.string(), z.record(z.string(), z.json()));
const patterns = Patterns.parse(readTagged(textOf('functions/aws/deploy/event-patterns.yml')));

/** The patterns by which events come into the queue; the others go to people. */
const intoQueue = ['findings', 'calls'] as const;
const letIn = (event: Json): readonly string[] =>
  intoQueue.filter((name) => matches(parsePattern(patterns[name]), event));

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** Every source with every detail-type that a pattern lets in, by the pattern. */
const pairs = intoQueue.flatMap((name) => {
  const branches = patterns[name]?.['$or'];
  return (Array.isArray(branches) ? branches : []).flatMap((branch) =>
    strings(own(branch, 'source')).flatMap((source) =>
      strings(own(branch, 'detail-type')).map((kind) => ({ name, source, kind, branch })),
    ),
  );
});

/** `aws.<service>/<detail-type>` of the sources, those aside that only say why an event is left. */
const envelopes = sources.flatMap((source) => source.envelopes).filter((name) => /^aws\..*\/[^*]/.test(name));
const leftOut = ['aws.securityhub/Security Hub Insight Results'];

describe('the rules for events', () => {
  it('let in every kind of event that a source reads, each by one rule', () => {
    for (const envelope of envelopes.filter((name) => !leftOut.includes(name))) {
      const [source = '', kind = ''] = envelope.split('/');
      const rules = pairs.filter((pair) => pair.kind === kind && (source === 'aws.*' || pair.source === source));
      expect([envelope, new Set(rules.map(({ name }) => name)).size]).toEqual([envelope, 1]);
    }
  });

  it('let in nothing that no source reads, and nothing twice', () => {
    const read = (source: string, kind: string) =>
      [`${source}/${kind}`, `aws.*/${kind}`].some((name) => envelopes.includes(name) && !leftOut.includes(name));
    expect(pairs.filter(({ source, kind }) => !read(source, kind))).toEqual([]);
    const names = pairs.map(({ source, kind }) => `${source}/${kind}`);
    expect(names).toEqual([...new Set(names)]);
  });

  it('leave out what a source only explains why it is left', () => {
    const event = { source: 'aws.securityhub', 'detail-type': 'Security Hub Insight Results', detail: {} };
    expect(normalise(event).reading.kind).toBe('ignored');
    expect(letIn(event)).toEqual([]);
  });

  it.each(eventNames.filter((name) => String(readEvent(name)['source']).startsWith('aws.')))(
    'let %s in where it is news that somebody may act on',
    (name) => {
      const event = readEvent(name);
      const isCall = event['detail-type'] === 'AWS API Call via CloudTrail';
      const named = !isCall || operations(patterns['calls']).has(String(own(event['detail'], 'eventName')));
      const isNews = normalise(event).reading.kind === 'findings';
      expect(letIn(event)).toHaveLength(isNews && named ? 1 : 0);
    },
  );

  it('fit into what EventBridge takes', () => {
    for (const [name, pattern] of Object.entries(patterns))
      expect([name, JSON.stringify(pattern).length < 2_048]).toEqual([name, true]);
  });
});

/** The names of API calls in a pattern, wherever they stand. */
function operations(pattern: unknown): ReadonlySet<string> {
  if (Array.isArray(pattern)) return new Set(pattern.flatMap((one) => [...operations(one)]));
  if (!isObject(pattern)) return new Set();
  const isCall = !('detail-type' in pattern) || strings(pattern['detail-type']).includes('AWS API Call via CloudTrail');
  if (!isCall) return new Set();
  const types = strings(own(pattern, 'type')).flatMap((type) => /\.amazonaws\.com\/(\w+)$/.exec(type)?.[1] ?? []);
  return new Set([...strings(own(pattern, 'eventName')), ...types, ...operations(Object.values(pattern))]);
}

/** The calls whose openings are read, which a trigger names by what they open. */
const opening = [...textOf('shared/ingest/aws/cloudtrail-openings.ts').matchAll(/operation [!=]== '(\w+)'/g)].map(
  ([, operation = '']) => operation,
);

const playbooks: readonly Playbook[] = readdirSync(new URL('../../playbooks/', import.meta.url))
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => readPlaybook(textOf(`playbooks/${name}`), name).read?.playbook ?? []);
const onCalls = playbooks.filter(({ on }) => JSON.stringify(on).includes('"cloudtrail"'));

describe('the calls that are let in', () => {
  it('are those that the triggers of the playbooks name', () => {
    const named = onCalls.flatMap(({ on }) => {
      const own = [...operations(on)];
      return own.length === 0 && JSON.stringify(on).includes('"openings"') ? opening : own;
    });
    expect(onCalls.length).toBeGreaterThan(2);
    // Lambda's calls bear the day of their form in CloudTrail, as AddPermission20150331v2
    const known = [...operations(patterns['calls'])].map((name) => name.replace(/\d{8}(v\d+)?$/, ''));
    expect(known.sort()).toEqual([...new Set(named)].sort());
  });

  const cases = playbooks.flatMap(({ id, tests }) =>
    tests.flatMap(({ name, event, expect: wanted }) => {
      const fixture = own(event, 'fixture');
      const members = own(event, 'with');
      if (typeof fixture !== 'string' || own(wanted, 'matched') === false) return [];
      const read = withMembers(readEvent(fixture), isObject(members) ? (members as JsonObject) : {}); // as it was read
      return String(read['source']).startsWith('aws.') ? [{ title: `${id}: ${name}`, event: read }] : [];
    }),
  );
  it.each(cases)('bring $title', ({ event }) => {
    expect(letIn(event)).toHaveLength(1);
  });

  it('are none that only read, and none that failed', () => {
    const call = readEvent('cloudtrail/open-ssh');
    expect(letIn(call)).toEqual(['calls']);
    expect(letIn(withMembers(call, { 'detail.errorCode': 'UnauthorizedOperation' }))).toEqual([]);
    for (const rule of rules) expect([undefined, 'ENABLED']).toContain(rule['State']);
  });
});

const forwarder = stackOf(readTagged(textOf('functions/aws/deploy/forwarder.yml')), {
  account: '111122223333',
  parameters: { HomeAccount: '999988887777', HomeRegion: 'eu-west-1', HomeBus: 'cordon-production' },
});
const ruleOf = (stack: Readonly<Record<string, Resource>>, id: string) => stack[id]?.Properties ?? {};
const rules = ['Findings', 'Calls', 'Tampering'].map((id) => ruleOf(forwarder, id));

describe('the forwarders', () => {
  it('listen to just what the home listens to', () => {
    const { findings, calls, tampering, forwarderAlarms } = patterns;
    expect(rules.map(({ EventPattern }) => EventPattern)).toEqual([
      findings,
      calls,
      { $or: [tampering, forwarderAlarms] },
    ]);
    const home = textOf('serverless.yml');
    for (const name of ['findings', 'calls', 'tampering'])
      expect(home.split(`event-patterns.yml):${name}}`)).toHaveLength(3);
  });

  it('send to the bus at home with a role of their own and a dead letter, and make no rule where the home itself is', () => {
    const bus = 'arn:aws:events:eu-west-1:999988887777:event-bus/cordon-production';
    const role = forwarder['Forwarder']?.arn;
    for (const { Targets } of rules)
      expect(Targets).toMatchObject([
        { Arn: bus, RoleArn: role, DeadLetterConfig: { Arn: forwarder['DeadLetters']?.arn } },
      ]);
    expect(role).toBe('arn:aws:iam::111122223333:role/CordonForwarder-eu-west-1');
    const atHome = stackOf(readTagged(textOf('functions/aws/deploy/forwarder.yml')), {
      parameters: { HomeAccount: '999988887777', HomeRegion: 'eu-west-1', HomeBus: 'cordon-production' },
    });
    expect(Object.values(atHome).map(({ Type }) => Type)).not.toContain('AWS::Events::Rule');
  });

  it('send to the buses of two stages where both are named, with the right to both and to no third', () => {
    const both = stackOf(readTagged(textOf('functions/aws/deploy/forwarder.yml')), {
      account: '111122223333',
      parameters: {
        HomeAccount: '999988887777',
        HomeRegion: 'eu-west-1',
        HomeBus: 'cordon-staging',
        SecondBus: 'cordon-production',
      },
    });
    const buses = ['cordon-staging', 'cordon-production'].map(
      (name) => `arn:aws:events:eu-west-1:999988887777:event-bus/${name}`,
    );
    for (const id of ['Findings', 'Calls', 'Tampering']) {
      const targets = z
        .array(z.looseObject({ Arn: z.string(), DeadLetterConfig: z.object({}) }))
        .parse(ruleOf(both, id)['Targets']);
      expect(targets.map(({ Arn }) => Arn)).toEqual(buses);
    }
    const [statement] = allStatements(both['Forwarder']);
    expect(statement?.Resource).toEqual(buses);
  });

  it('are deployed for no bus by default: which stage hears is said', () => {
    for (const file of ['forwarder.yml', 'organization.yml'])
      expect(
        own(own(own(readTagged(textOf(`functions/aws/deploy/${file}`)), 'Parameters'), 'HomeBus'), 'Default'),
      ).toBe(undefined);
  });

  it('tell of a rule that is deleted, disabled, emptied or rewritten by hand, and of services that are turned off', () => {
    const call = (
      service: string,
      eventName: string,
      requestParameters: Json,
      sourceIPAddress = '198.51.100.7',
    ): Json => ({
      source: `aws.${service}`,
      'detail-type': 'AWS API Call via CloudTrail',
      detail: { eventSource: `${service}.amazonaws.com`, eventName, requestParameters, sourceIPAddress },
    });
    const tells = (event: Json) => matches(parsePattern(patterns['tampering']), event);
    const rule = 'cordon-forward-findings';
    for (const event of [
      call('events', 'DeleteRule', { name: rule }),
      call('events', 'DisableRule', { name: rule }),
      call('events', 'RemoveTargets', { rule, ids: ['home'] }),
      call('events', 'PutRule', { name: rule }),
      call('guardduty', 'DeleteDetector', { detectorId: 'x' }),
      call('securityhub', 'DisableSecurityHub', null),
      call('cloudtrail', 'StopLogging', { name: 'organisation' }),
    ])
      expect([event, tells(event)]).toEqual([event, true]);
    expect(tells(call('events', 'DeleteRule', { name: 'nightly-report' }))).toBe(false);
    expect(tells(call('events', 'PutRule', { name: rule }, 'cloudformation.amazonaws.com'))).toBe(false);
  });
});

/** A store that remembers which kinds were read, and which were written. */
function watched(records: Records) {
  const kinds = { read: new Set<Kind>(), written: new Set<Kind>(), listed: new Set<Kind>() };
  const all: Records = {
    create: (draft) => records.create(note(kinds.written, draft.kind, draft)),
    replace: (draft, version) => records.replace(note(kinds.written, draft.kind, draft), version),
    read: (kind, id) => records.read(note(kinds.read, kind, kind), id),
    list: (kind, group, limit) => records.list(note(kinds.listed, kind, kind), group, limit),
    listDue: (kind, before, limit) => records.listDue(note(kinds.listed, kind, kind), before, limit),
  };
  return { kinds, records: all };
}
function note<T>(set: Set<Kind>, kind: Kind, rest: T): T {
  set.add(kind);
  return rest;
}

const Keys = z.looseObject({
  Action: z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat()),
  Condition: z.object({ 'ForAllValues:StringLike': z.object({ 'dynamodb:LeadingKeys': z.array(z.string()) }) }),
});

describe('what reads strangers’ messages', () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  afterAll(() => void vi.unstubAllEnvs());
  const lines = heard();

  it('may read and write the kinds of records that it does, and no others', async () => {
    const { deps, sandbox } = doors();
    const { kinds, records } = watched(deps.records);
    const home = async () => ({ records, clock: deps.clock });
    const { requestHandler } = durableLambda(sandbox.clock);
    const starter = lambdaStarter({ functionName: 'cordon-on-run:durable', region: 'eu-west-1', home, requestHandler });
    const handle = onEvent({ ...deps, records, starter });
    const send = (event: Json | string) =>
      handle(sqsEvent([typeof event === 'string' ? event : JSON.stringify(event)]), lambdaContext());
    await send(leakedKey());
    await send('not { json');
    const [run] = await deps.records.list('run', '2026-11-20');
    const body = { ...Object(run?.body), status: 'ended' };
    if (run) await deps.records.replace({ ...run, body }, run.version);
    await send(
      withMembers(readEvent('guardduty/leaked-access-key'), {
        'detail.service.count': 9,
        'detail.updatedAt': '2026-11-20T09:04:30.000Z',
      }),
    );
    const statements = statementsOf('EventRole', {}).flatMap((statement) => Keys.safeParse(statement).data ?? []);
    const granted = (action: string): readonly string[] =>
      [
        ...new Set(
          statements
            .filter(({ Action }) => Action.includes(action))
            .flatMap(({ Condition }) => Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'])
            .map((key) => key.replace('#*', '')),
        ),
      ].sort();
    expect(lines.join()).not.toMatch(/will come again/);
    expect([...kinds.listed]).toEqual([]);
    expect(granted('dynamodb:PutItem')).toEqual([...kinds.written].sort());
    // a write that was not answered is read back
    expect(granted('dynamodb:GetItem')).toEqual([...new Set([...kinds.read, ...kinds.written])].sort());
  });
});
