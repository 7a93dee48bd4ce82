import {
  BatchUpdateFindingsCommand,
  type BatchUpdateFindingsCommandInput,
  GetFindingsCommand,
  type GetFindingsCommandInput,
  paginateGetFindings,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { describe, expect, it } from 'vitest';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';

const account = '111122223333';
const ProductArn = 'arn:aws:securityhub:eu-west-1::product/aws/guardduty';
const hub = `arn:aws:securityhub:eu-west-1:${account}:hub/default`;

function play(allow: object = { allow: ['*'] }) {
  const users = [{ name: 'me', keys: [{ id: 'AKIAOWN0000000000001', secret: 's' }], inline: { all: allow } }];
  const findings = [
    { Id: 'f1', ProductArn },
    { Id: 'f2', ProductArn, Workflow: { Status: 'SUPPRESSED' } },
    { Id: 'f3', ProductArn: `${ProductArn}-other`, RecordState: 'ARCHIVED' },
  ];
  const sandbox = createSandbox(
    Estate.parse({
      name: 'Security Hub',
      now: '2026-01-01T00:00:00.000Z',
      aws: { accounts: { [account]: { name: 'own', users, regions: { 'eu-west-1': { securityHub: { findings } } } } } },
    }),
  );
  const clientIn = (region: string) => new SecurityHubClient(holding(sandbox, 'AKIAOWN0000000000001', region));
  const get = async (input: GetFindingsCommandInput = {}, region = 'eu-west-1') =>
    (await clientIn(region).send(new GetFindingsCommand(input))).Findings ?? [];
  const update = (input: Partial<BatchUpdateFindingsCommandInput>, region = 'eu-west-1') =>
    clientIn(region).send(new BatchUpdateFindingsCommand({ FindingIdentifiers: [{ Id: 'f1', ProductArn }], ...input }));
  return { sandbox, get, update, client: clientIn('eu-west-1') };
}

const equals = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }];

describe('Security Hub', () => {
  it.each<[string, GetFindingsCommandInput['Filters'], readonly string[]]>([
    ['all', {}, ['f1', 'f2', 'f3']],
    ['by id', { Id: equals('f2') }, ['f2']],
    ['by id and product', { Id: equals('f3'), ProductArn: equals(ProductArn) }, []],
    ['by either of two states', { WorkflowStatus: [...equals('NEW'), ...equals('SUPPRESSED')] }, ['f1', 'f2', 'f3']],
    ['by a state it is not in', { WorkflowStatus: [{ Value: 'SUPPRESSED', Comparison: 'NOT_EQUALS' }] }, ['f1', 'f3']],
    [
      'by the beginning of a product',
      { ProductArn: [{ Value: ProductArn, Comparison: 'PREFIX' }] },
      ['f1', 'f2', 'f3'],
    ],
    ['by Region', { Region: equals('eu-west-1') }, ['f1', 'f2', 'f3']],
    ['by a Region that others are gathered from', { Region: equals('us-east-1') }, []],
    [
      'by when they were made, both ends counted in',
      { CreatedAt: [{ Start: '1970-01-01T00:00:00.000Z', End: '1970-01-01T00:00:00.000Z' }] },
      ['f1', 'f2', 'f3'],
    ],
    [
      'none of another time',
      { CreatedAt: [{ Start: '1970-01-01T00:00:00.001Z', End: '2026-01-01T00:00:00.000Z' }] },
      [],
    ],
    ['active ones of an account', { RecordState: equals('ACTIVE'), AwsAccountId: equals(account) }, ['f1', 'f2']],
  ])('finds %s', async (_, Filters, ids) => {
    expect((await play().get({ Filters })).map(({ Id }) => Id)).toEqual(ids);
  });

  it('answers in pages', async () => {
    const { client } = play();
    const pages: (readonly (string | undefined)[])[] = [];
    for await (const { Findings = [] } of paginateGetFindings({ client, pageSize: 2 }, {}))
      pages.push(Findings.map(({ Id }) => Id));
    expect(pages).toEqual([['f1', 'f2'], ['f3']]);
  });

  it('writes state and note, dates the note itself and does not move UpdatedAt', async () => {
    const { sandbox, get, update } = play();
    sandbox.clock.advance(60);
    const answer = await update({ Workflow: { Status: 'NOTIFIED' }, Note: { Text: 'seen', UpdatedBy: 'me' } });
    expect(answer).toMatchObject({ ProcessedFindings: [{ Id: 'f1', ProductArn }], UnprocessedFindings: [] });
    expect((await get({ Filters: { Id: equals('f1') } }))[0]).toMatchObject({
      Workflow: { Status: 'NOTIFIED' },
      Note: { Text: 'seen', UpdatedBy: 'me', UpdatedAt: '2026-01-01T00:01:00.000Z' },
      UpdatedAt: '1970-01-01T00:00:00.000Z',
    });
  });

  it('shows what was written only after a while where it lags', async () => {
    const { sandbox, get, update } = play();
    sandbox.rows.setLag('aws.securityhub', 180);
    sandbox.clock.advance(300);
    await update({ Workflow: { Status: 'RESOLVED' } });
    const statusNow = async () => (await get({ Filters: { Id: equals('f1') } }))[0]?.Workflow?.Status;
    expect(await statusNow()).toBe('NEW');
    sandbox.clock.advance(181);
    expect(await statusNow()).toBe('RESOLVED');
  });

  it('answers 200 and names what it did not do', async () => {
    const FindingIdentifiers = ['f1', 'f1', 'none'].map((Id) => ({ Id, ProductArn }));
    const { ProcessedFindings, UnprocessedFindings } = await play().update({
      FindingIdentifiers,
      Workflow: { Status: 'NOTIFIED' },
    });
    expect(ProcessedFindings?.map(({ Id }) => Id)).toEqual(['f1']);
    expect(UnprocessedFindings?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'DuplicatedFindingIdentifier',
      'FindingNotFound',
    ]);
  });

  it.each<[string, Partial<BatchUpdateFindingsCommandInput>]>([
    ['nothing', { FindingIdentifiers: [] }],
    ['too much', { FindingIdentifiers: Array.from({ length: 101 }, (_, at) => ({ Id: `f${at}`, ProductArn })) }],
    ['a note that is too long', { Note: { Text: 'x'.repeat(513), UpdatedBy: 'me' } }],
    ['a note of nobody', { Note: { Text: 'x', UpdatedBy: '' } }],
    ['a state it does not know', { Workflow: { Status: 'DONE' as 'NEW' } }],
  ])('refuses to update %s', async (_, input) => {
    expect(await refusal(play().update(input))).toBe('InvalidInputException');
  });

  it('refuses an account that is not subscribed', async () => {
    const { get, update } = play();
    expect(await refusal(get({}, 'us-east-1'))).toBe('InvalidAccessException');
    expect(await refusal(update({}, 'us-east-1'))).toBe('InvalidAccessException');
  });

  it('asks for rights on the hub, and tells the state that is to be set', async () => {
    expect(await refusal(play({ allow: ['securityhub:BatchUpdateFindings'], on: [hub] }).get())).toBe(
      'AccessDeniedException',
    );
    const never = [
      { Effect: 'Allow', Action: 'securityhub:*', Resource: hub },
      {
        Effect: 'Deny',
        Action: 'securityhub:BatchUpdateFindings',
        Resource: '*',
        Condition: { StringEquals: { 'securityhub:ASFFSyntaxPath/Workflow.Status': 'SUPPRESSED' } },
      },
    ];
    const { update } = play(never);
    expect(await refusal(update({ Workflow: { Status: 'SUPPRESSED' } }))).toBe('AccessDeniedException');
    expect(await refusal(update({ Workflow: { Status: 'NOTIFIED' } }))).toBeUndefined();
  });

  it('says of what it does not model that it does not', async () => {
    const { get, update } = play();
    expect(await refusal(get({ Filters: { Title: equals('x') } }))).toBe('NotImplemented');
    expect(await refusal(get({ SortCriteria: [{ Field: 'Id', SortOrder: 'asc' }] }))).toBe('NotImplemented');
    expect(await refusal(update({ Severity: { Label: 'LOW' } }))).toBe('NotImplemented');
  });
});
