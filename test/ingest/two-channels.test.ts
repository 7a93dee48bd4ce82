import { describe, expect, test } from 'vitest';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { comparable } from '../../shared/model/identifiers.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { doors } from '../support/doors.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';

/** What must not depend on the channel: else there would be two runs, or the wrong one. */
const same = ({ provider, id, type, account, region, severity, severityOriginal, ...rest }: Finding) => ({
  ...{ provider, id: comparable(id), type, account, region, severity, severityOriginal },
  ...{ status: rest.status, updatedAt: rest.updatedAt, count: rest.count, sample: rest.sample },
  targets: rest.resources.map((one) => [one.type, one.role, comparable(one.id), one.account]),
});

/** All findings of an event of several. */
function findingsIn(event: Json): readonly Finding[] {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
}

const guardDuty: readonly (readonly [direct: string, copy: string])[] = [
  ['guardduty/leaked-access-key', 'security-hub/guardduty-leaked-access-key'],
  ['guardduty/leaked-access-key', 'security-hub-v2/guardduty-leaked-access-key'],
  ['guardduty/instance-credential-exfiltration-outside', 'security-hub/guardduty-stolen-session'],
  ['guardduty/compromised-instance', 'security-hub/guardduty-compromised-instance'],
  ['guardduty/ssh-brute-force-target', 'security-hub/guardduty-ssh-brute-force-target'],
  ['guardduty/public-bucket', 'security-hub/guardduty-public-bucket'],
  ['guardduty/attack-sequence-credentials', 'security-hub/guardduty-attack-sequence'],
];

describe('a GuardDuty finding is the same directly and through Security Hub', () => {
  test.each(guardDuty)('%s and %s', (direct, copy) => {
    const [one, other] = [findingIn(readEvent(direct)), findingIn(readEvent(copy))];
    expect(same(other)).toEqual(same(one));
    expect(other.actor).toEqual(one.actor);
    expect(other.signals).toEqual(one.signals);
    // where it is read again and written back to
    expect(other.link).toEqual(one.link);
  });
});

describe('a control of Security Hub is the same in ASFF and in OCSF', () => {
  test('with what is needed to read it again', () => {
    const [asff, ocsf] = [
      findingIn(readEvent('security-hub/public-bucket')),
      findingIn(readEvent('security-hub-v2/public-bucket')),
    ];
    expect({ ...same(ocsf), severityOriginal: '' }).toEqual({ ...same(asff), severityOriginal: '' });
    expect(ocsf.link).toEqual(asff.link);
  });
});

describe('a finding of another service is the same directly and through Security Hub', () => {
  test.each<[string, number]>([
    ['inspector/port-reachable', 0],
    ['macie/sensitive-object', 1],
    ['access-analyzer/public-bucket', 2],
  ])('%s', (direct, at) => {
    const one = findingIn(readEvent(direct));
    const other = findingsIn(readEvent('security-hub/copies'))[at];
    if (!other) throw new TypeError('no copy');
    const primary = (finding: Finding) =>
      finding.resources
        .filter(({ role }) => role === 'affected')
        .map(({ type, id, account }) => [type, comparable(id), account]);
    expect({ ...same(other), targets: primary(other) }).toEqual({ ...same(one), targets: primary(one) });
    expect(one.link).toMatchObject(other.link);
  });
});

describe('types that Security Hub spells otherwise', () => {
  const copy = readEvent('security-hub/guardduty-compromised-instance');
  test.each([
    ['TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS', 'Backdoor:EC2/C&CActivity.B!DNS'],
    ['TTPs/PenTest:IAMUser/KaliLinux', 'PenTest:IAMUser/KaliLinux'],
    ['TTPs/Discovery:S3-MaliciousIPCaller', 'Discovery:S3/MaliciousIPCaller'],
    ['Unusual Behaviors/VM/Behavior:EC2-NetworkPortUnusual', 'Behavior:EC2/NetworkPortUnusual'],
    ['TTPs/Command and Control/Trojan:EC2-DNSDataExfiltration!DNS', 'Trojan:EC2/DNSDataExfiltration'],
    ['TTPs/AttackSequence:IAM-CompromisedCredentials', 'AttackSequence:IAM/CompromisedCredentials'],
    ['UnauthorizedAccess:EC2/SSHBruteForce', 'UnauthorizedAccess:EC2/SSHBruteForce'],
  ])('%s', (dashed, type) => {
    const event: JsonObject = withMembers(copy, {
      'detail.findings.0.FindingProviderFields.Types': [dashed],
      'detail.findings.0.Types': ['a type that a person gave it'],
    });
    expect(findingIn(event).type).toBe(type);
  });
});

const day = '2026-11-20';
const requester = { kind: 'event', id: 'test' } as const;
const direct = readEvent('guardduty/leaked-access-key');
const copy = readEvent('security-hub/guardduty-leaked-access-key');
const ocsf = readEvent('security-hub-v2/guardduty-leaked-access-key');
const administrator = '999988887777';

/** The channels at a later version of the finding. */
const later = {
  direct: withMembers(direct, { 'detail.updatedAt': '2026-11-20T09:02:00.000Z', 'detail.service.count': 2 }),
  copy: withMembers(copy, {
    'detail.findings.0.UpdatedAt': '2026-11-20T09:02:00.000Z',
    'detail.findings.0.ProductFields.aws/guardduty/service/count': '2',
  }),
};
const inAccount = (event: JsonObject, account: string): JsonObject => ({ ...event, account, id: `from-${account}` });
const inRegion = (event: JsonObject, region: string): JsonObject => ({ ...event, region, id: `from-${region}` });

/** Delivers events one after another; what became of each, and how many runs there are. */
async function delivered(...events: readonly JsonObject[]) {
  const { deps } = doors();
  const became: string[] = [];
  for (const event of events)
    for (const got of await receive(deps, playbookSet(deps.playbooks), event, requester))
      became.push(
        got.kind === 'opened' ? (got.fresh ? 'fresh' : 'known') : got.kind === 'skipped' ? got.reason : got.kind,
      );
  return { became, runs: (await deps.records.list('run', day)).length };
}

describe('one finding that comes through several channels makes one run', () => {
  test.each<[string, readonly JsonObject[], readonly string[]]>([
    ['directly first', [direct, copy, ocsf], ['fresh', 'known', 'known']],
    ['its copy first', [copy, direct], ['fresh', 'known']],
    ['in OCSF first', [ocsf, copy, direct], ['fresh', 'known', 'known']],
    ['an update of the copy before the first of GuardDuty', [later.copy, direct], ['fresh', 'known-version']],
    ['an update of GuardDuty between', [copy, later.direct, copy], ['fresh', 'known', 'known-version']],
    ['updates of both', [direct, copy, later.copy, later.direct], ['fresh', 'known', 'known', 'known']],
    [
      'member and administrator',
      [direct, inAccount(direct, administrator), inAccount(copy, administrator)],
      ['fresh', 'known', 'known'],
    ],
    [
      'two regions',
      [copy, inRegion(copy, 'us-east-1'), inRegion(later.copy, 'us-east-1')],
      ['fresh', 'known', 'known'],
    ],
  ])('%s', async (_, events, expected) => {
    expect(await delivered(...events)).toEqual({ became: expected, runs: 1 });
  });

  test('and one that a person resolved in Security Hub stays closed until GuardDuty sees it again', async () => {
    const resolved = withMembers(copy, { 'detail.findings.0.Workflow.Status': 'RESOLVED' });
    expect(await delivered(resolved, direct, copy, later.direct)).toEqual({
      became: ['archived-finding', 'known-version', 'known-version', 'fresh'],
      runs: 1,
    });
  });
});
