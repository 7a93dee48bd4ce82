import { describe, expect, it } from 'vitest';
import { differences, explanation, type Known, storyDifferences } from './accept-aws/compare.ts';
import { checkGrants, isOfType, type Lookup } from './accept-aws/grants.ts';
import { inverted, memberNames, plain, rename, runId } from './accept-aws/names.ts';
import { outdated, rowOf, tableOf } from './accept-aws/report.ts';

const ids = new Map([
  ['sg-0aa11bb22cc330011', 'sg-cf3f9fe7a24274cce'],
  ['AIDACIDEPLOY00000001', 'e3omto896gko0satn18e'],
]);

describe('names of two clouds', () => {
  it('are exchanged wherever they stand, in keys too', () => {
    const input = { groupId: 'sg-0aa11bb22cc330011', on: { 'AIDACIDEPLOY00000001/key': ['sg-0aa11bb22cc330011'] } };
    const theirs = rename(input, ids);
    expect(theirs).toEqual({
      groupId: 'sg-cf3f9fe7a24274cce',
      on: { 'e3omto896gko0satn18e/key': ['sg-cf3f9fe7a24274cce'] },
    });
    expect(rename(theirs, inverted(ids))).toEqual(input);
  });

  it('leave the ids of the estate, but no other id, instant, digest or order', () => {
    const seen = {
      at: '2026-11-20T09:05:00.000Z',
      groups: ['sg-cf3f9fe7a24274cce', 'sg-00112233445566778'],
      name: `CordonDeny57uleo6pfbdlq3u5ymu2fztxprRun${runId}`,
    };
    expect(plain(seen, inverted(ids))).toEqual({
      at: '<instant>',
      groups: ['sg-0aa11bb22cc330011', 'sg-new'],
      name: `CordonD<digest>Run${runId}`,
    });
  });

  it('of members are told with their path, and not those of dates and bodies', () => {
    const answer = {
      $metadata: { requestId: '1' },
      Tags: [],
      Keys: [{ Id: 'a' }, { At: new Date(0) }],
      Next: undefined,
    };
    expect(memberNames(answer)).toEqual(['Keys', 'Keys[].At', 'Keys[].Id', 'Tags']);
  });
});

describe('comparing', () => {
  it('tells every place where two values differ, and what each side has', () => {
    expect(differences('one', { a: 1, b: [true] }, { a: 1, b: [false, null] })).toEqual([
      { subject: 'one', at: '/b[0]', moto: 'true', sandbox: 'false' },
      { subject: 'one', at: '/b[1]', moto: '-', sandbox: 'null' },
    ]);
    expect(differences('one', { a: {} }, { a: [] })).toHaveLength(1);
  });

  it('takes the stages that a story did not come to for no difference of their own', () => {
    const moto = { captured: { key: 'Active' }, ended: 'IAM:Simulate is not modelled' };
    const sandbox = { captured: { key: 'Active' }, contained: { key: 'Inactive' } };
    expect(storyDifferences('one', moto, sandbox).map(({ at }) => at)).toEqual(['/ended']);
    expect(storyDifferences('one', { ended: 'at once' }, sandbox).map(({ at }) => at)).toEqual(['/ended']);
  });
});

describe('a known difference', () => {
  const known: Known = {
    subjects: ['probe'],
    at: /^\/(status|code)$/,
    code: 'NotFound',
    why: 'moto is lenient',
    seen: '1',
  };
  const found = differences('probe', { status: 200 }, { status: 404, code: 'NotFound' });

  it('explains its subject, its place and its code, and nothing beside them', () => {
    expect(found.map((one) => explanation([known], one)?.why)).toEqual(['moto is lenient', 'moto is lenient']);
    const [other] = differences('probe', {}, { code: 'Denied' });
    const [elsewhere] = differences('probe', {}, { members: 1 });
    const [foreign] = differences('another', {}, { code: 'NotFound' });
    for (const one of [other, elsewhere, foreign]) expect(one && explanation([known], one)).toBeUndefined();
  });

  it('shows in the table as known, and anything else as what fails the check', () => {
    expect(rowOf('probe', found, [known])).toEqual({ subject: 'probe', verdict: 'known', notes: ['moto is lenient'] });
    const row = rowOf('probe', found, []);
    expect(row.verdict).toBe('DIFFERS');
    expect(tableOf({ title: 'Wire', rows: [row, rowOf('same', [], [])], summary: '1 of 2 probes' })).toEqual([
      'Wire',
      '  same    1 of 2 probes',
      '  DIFFERS probe: /code: moto -, sandbox "NotFound"',
      '          /status: moto 200, sandbox 404',
      '',
    ]);
  });

  it('is outdated once nothing shows it', () => {
    expect(outdated([known], found)).toEqual([]);
    expect(outdated([known], [])).toEqual([known]);
  });
});

describe('permissions against published data', () => {
  const user = 'arn:${Partition}:iam::${Account}:user/${UserName}';
  const role = 'arn:${Partition}:iam::${Account}:role/${RoleName}';
  const published: Readonly<Record<string, Awaited<ReturnType<Lookup>>>> = {
    'iam:UpdateAccessKey': { accessLevel: 'Write', resources: [{ arn: user, required: true }] },
    'iam:GetUser': { accessLevel: 'Read', resources: [{ arn: user, required: true }] },
    'ec2:DescribeInstances': { accessLevel: 'List', resources: [] },
  };
  const lookup: Lookup = async (service, action) => published[`${service}:${action}`];
  const mine = 'arn:{partition}:iam::{account}:user/{userName}';
  const check = (read: { allow: string; on: string }[], write: { allow: string; on: string }[] = []) =>
    checkGrants({ permissions: { read, write } }, lookup);

  it('knows which resource type an ARN can be of', () => {
    expect(isOfType(mine, user)).toBe(true);
    expect(isOfType(mine, role)).toBe(false);
    expect(isOfType('arn:{partition}:ec2:{region}:*:*/{id}', 'arn:${Partition}:ec2:${Region}::snapshot/${Id}')).toBe(
      true,
    );
    // A snapshot's ARN names no account: a grant that names one never fits.
    expect(
      isOfType('arn:{partition}:ec2:{region}:{account}:snapshot/*', 'arn:${Partition}:ec2:${Region}::snapshot/${Id}'),
    ).toBe(false);
  });

  it('finds nothing against rights that exist, read with the reader and name their resources', async () => {
    const read = [
      { allow: 'iam:GetUser', on: mine },
      { allow: 'ec2:DescribeInstances', on: '*' },
    ];
    expect(await check(read, [{ allow: 'iam:UpdateAccessKey', on: mine }])).toEqual([]);
  });

  it.each([
    ['a name that is none', [{ allow: 'iam:DisableAccessKey', on: mine }], /is no IAM action/],
    ['a reader that writes', [{ allow: 'iam:UpdateAccessKey', on: mine }], /access level Write, and the reader has it/],
    ['a right on everything', [{ allow: 'iam:GetUser', on: '*' }], /granted on \*, and can be limited to/],
    [
      'a resource that it knows not',
      [{ allow: 'iam:GetUser', on: 'arn:{partition}:iam::{account}:role/x' }],
      /always needs/,
    ],
    ['a resource where it knows none', [{ allow: 'ec2:DescribeInstances', on: mine }], /can be limited to nothing/],
  ])('objects to %s', async (_, read, objection) => {
    expect((await check(read)).join('\n')).toMatch(objection);
  });
});
