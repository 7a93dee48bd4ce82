import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamoRecords } from '../../shared/adapters/aws/records.ts';
import { storeCall } from '../../shared/adapters/aws/store-call.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Draft } from '../../shared/ports/records.ts';
import { reserveBudget, spentThisHour } from '../../shared/records/budgets.ts';
import { openJournal, readJournal } from '../../shared/records/journal.ts';
import { virtualClock } from '../../shared/sandbox/clock.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { type Fate, type Line, openLine } from '../support/line.ts';
import { recordsContract } from '../support/records-contract.ts';
import { evidenceBucket } from '../support/evidence-bucket.ts';
import { counted, start } from '../support/store.ts';

let dynalite: Dynalite;
/** Every store here is another writer. */
const ids = counted('writer');
let tables = 0;
let table = '';

beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.stop());

async function freshTable(): Promise<string> {
  tables += 1;
  const name = `records-${tables}`;
  await dynalite.createTable(name);
  return name;
}

/** What happens to one request on its way; without an answer of its own it goes through. */
type Passage = (send: () => Promise<HttpResponse>) => Promise<HttpResponse>;
type Route = (operation: string, input: Record<string, unknown>) => Passage | undefined;

/** A client whose requests pass through `route`; retries wait for nothing. */
function through(route: Route) {
  const inner = new DynamoDBClient(dynalite.local).config.requestHandler;
  const handler: Pick<HttpHandler, 'handle'> & { metadata: object } = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: HttpRequest, options) {
      const operation = String(request.headers['x-amz-target']).replace(/.*\./, '');
      const send = async () => (await inner.handle(request, options)).response;
      const passage = route(operation, JSON.parse(new TextDecoder().decode(request.body)));
      return { response: await (passage ? passage(send) : send()) };
    },
  };
  return { ...dynalite.local, requestHandler: handler, retryStrategy: new ConfiguredRetryStrategy(4, 0) };
}

const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const answering =
  (statusCode: number, body: string): Passage =>
  async () =>
    new HttpResponse({
      statusCode,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: Buffer.from(body),
    });
const throttled = (code: string): Passage =>
  answering(400, JSON.stringify({ __type: `com.amazonaws#${code}`, message: 'slow down' }));

/** What is not read with strong consistency has not heard of anything yet: indexes never are. */
const behind: Route = (operation, { ConsistentRead }) =>
  operation === 'PutItem' || ConsistentRead === true ? undefined : answering(200, '{"Items":[]}');

const lostBefore: Passage = async () => {
  throw reset();
};
const lostAfter: Passage = async (send) => {
  await send();
  throw reset();
};

/** Every write meets the next of these; those that come after the last go through. */
function writesMeeting(...passages: readonly Passage[]) {
  const left = [...passages];
  const asked: string[] = [];
  const client = through((operation, input) => {
    asked.push(operation);
    return operation === 'PutItem' ? left.shift() : behind(operation, input);
  });
  return { asked, records: dynamoRecords({ table, ids, client }) };
}

const draft = (body: Json, more: Partial<Draft> = {}): Draft => ({ kind: 'run', id: 'a', body, ...more });
const plain = () => dynamoRecords({ table, ids, client: dynalite.local });
const fourTimes = (passage: Passage) => [passage, passage, passage, passage];

recordsContract('DynamoDB beside S3', async () => {
  const name = await freshTable();
  const records = (endpoint = dynalite.local.endpoint) => {
    const retryStrategy = new ConfiguredRetryStrategy(4, 0);
    return dynamoRecords({ table: name, ids, client: { ...dynalite.local, endpoint, retryStrategy } });
  };
  const lines: Line[] = [];
  async function over(fate: Fate) {
    const line = await openLine(dynalite.local.endpoint, fate);
    lines.push(line);
    return records(line.url);
  }
  const close = async () => void (await Promise.all(lines.map((line) => line.close())));
  return { records: records(), other: records(), ...evidenceBucket(), over, close };
});

describe('a write to DynamoDB', () => {
  beforeEach(async () => {
    table = await freshTable();
  });

  it.each([
    ['before its effect', lostBefore],
    ['after its effect', lostAfter],
  ])('whose answer is lost %s is made once and known as made', async (_, lost) => {
    const created = writesMeeting(lost);
    expect(await created.records.create(draft(1))).toBe(true);
    const replaced = writesMeeting(lost);
    expect(await replaced.records.replace(draft(2), 1)).toBe(true);
    expect(await plain().read('run', 'a')).toMatchObject({ version: 2, body: 2 });
  });

  it('of which no answer ever comes is known as made when it was', async () => {
    expect(await writesMeeting(...fourTimes(lostAfter)).records.create(draft(1))).toBe(true);
    expect(await writesMeeting(lostAfter, ...fourTimes(lostBefore)).records.replace(draft(2), 1)).toBe(true);
    expect(await plain().read('run', 'a')).toMatchObject({ version: 2, body: 2 });
  });

  it('of which no answer ever comes is a fault that may pass when it was not made', async () => {
    const { records, asked } = writesMeeting(...fourTimes(lostBefore));
    const fault = { code: 'no-answer', retryable: true, indeterminate: true };
    await expect(records.create(draft(1))).rejects.toMatchObject(fault);
    expect(asked).toEqual(['PutItem', 'PutItem', 'PutItem', 'PutItem', 'GetItem']);
    expect(await plain().read('run', 'a')).toBeUndefined();
  });

  it('that was overtaken while it was repeated is refused', async () => {
    const overtaken: Passage = async () => {
      await plain().create(draft('another'));
      throw reset();
    };
    expect(await writesMeeting(overtaken).records.create(draft('mine'))).toBe(false);
    expect(await plain().read('run', 'a')).toMatchObject({ version: 1, body: 'another' });
    const again: Passage = async () => {
      await plain().replace(draft('another again'), 1);
      throw reset();
    };
    expect(await writesMeeting(again).records.replace(draft('mine'), 1)).toBe(false);
    expect(await plain().read('run', 'a')).toMatchObject({ version: 2, body: 'another again' });
  });

  it('that is refused at once costs one request', async () => {
    await plain().create(draft(1));
    const { records, asked } = writesMeeting();
    expect(await records.create(draft(2))).toBe(false);
    expect(await records.replace(draft(2), 7)).toBe(false);
    expect(asked).toEqual(['PutItem', 'PutItem']);
  });

  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
    'is made when %s passes, and a fault that may pass when it does not',
    async (code) => {
      expect(await writesMeeting(throttled(code), throttled(code)).records.create(draft(1))).toBe(true);
      await expect(writesMeeting(...fourTimes(throttled(code))).records.replace(draft(2), 1)).rejects.toMatchObject({
        code: code.replace('Exception', ''),
        retryable: true,
        indeterminate: false,
      });
      expect(await plain().read('run', 'a')).toMatchObject({ version: 1, body: 1 });
    },
  );

  it.each([
    ['an error of the service', 500, '{"__type":"com.amazonaws#InternalServerError"}'],
    ['a gateway’s page', 502, '<html>Bad gateway</html>'],
    ['a success that broke off', 200, '{"Attr'],
  ])('answered by %s may have been made, and is looked for', async (_, status, body) => {
    const broken = answering(status, body);
    const made: Passage = async (send) => {
      await send();
      return broken(send);
    };
    expect(await writesMeeting(made, broken, broken, broken).records.create(draft(1))).toBe(true);
    const fault = { retryable: true, indeterminate: true };
    await expect(writesMeeting(...fourTimes(broken)).records.replace(draft(2), 1)).rejects.toMatchObject(fault);
  });

  it('to a table that is not there, or without the right, is not tried again', async () => {
    table = 'no-such-table';
    const missing = { code: 'ResourceNotFound', retryable: false, indeterminate: false };
    await expect(writesMeeting().records.create(draft(1))).rejects.toMatchObject(missing);
    const { records, asked } = writesMeeting(throttled('AccessDeniedException'));
    const denied = { code: 'AccessDenied', retryable: false, indeterminate: false };
    await expect(records.create(draft(1))).rejects.toMatchObject(denied);
    expect(asked).toEqual(['PutItem']);
  });
});

describe('a call to a store', () => {
  it('that is not answered in time is a fault that may pass', async () => {
    const never = storeCall(
      5,
      ({ abortSignal }) =>
        new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason))),
    );
    await expect(never).rejects.toMatchObject({ code: 'no-answer', retryable: true, indeterminate: true });
  });
});

describe('lists in DynamoDB', () => {
  const lagging = () => dynamoRecords({ table, ids, client: through(behind) });
  beforeEach(async () => {
    table = await freshTable();
  });

  it('have every row of a journal before any index has, page after page', async () => {
    const records = lagging();
    const clock = virtualClock(start);
    const journal = await openJournal({ records, clock }, 'run-1');
    const reply = 'x'.repeat(12_000);
    for (let at = 0; at < 100; at += 1) await journal.commit({ type: 'reply', key: `${at}`, reply });
    await (await openJournal({ records, clock }, 'run-10')).commit({ type: 'reply', key: 'other', reply });
    expect((await readJournal(records, 'run-1')).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
  });

  it('count the runs of this hour before any index has', async () => {
    const deps = { records: lagging(), clock: virtualClock(start) };
    const scopes = { playbook: 'leaked-key', account: '111122223333' };
    const most = { playbook: 2, account: 3 };
    const none = { playbook: false, account: false };
    for (const run of ['one', 'two', 'two']) expect(await reserveBudget(deps, run, scopes, most)).toEqual(none);
    expect(await spentThisHour(deps, 'two', scopes, most)).toEqual(none);
    expect(await spentThisHour(deps, 'three', scopes, most)).toEqual({ playbook: true, account: false });
    expect(await reserveBudget(deps, 'three', scopes, most)).toEqual({ playbook: true, account: false });
  });

  it('hold an item once, in the group it is in, wherever its name begins', async () => {
    const records = plain();
    for (const [id, group] of [
      ['g:1', 'g'],
      ['g:2', 'h'],
      ['g:3', undefined],
      ['g', 'g'],
      ['h', 'g'],
      ['g:sub:1', 'g'],
    ] as const)
      await records.create(draft(id, { id, ...(group !== undefined && { group }) }));
    const ids = async (group: string) => (await records.list('run', group)).map(({ id }) => id);
    expect(await ids('g')).toEqual(['g', 'g:1', 'g:sub:1', 'h']);
    expect(await ids('h')).toEqual(['g:2']);
    await records.replace(draft('moved', { id: 'g:1', group: 'h' }), 1);
    await records.replace(draft('moved', { id: 'g:2', group: 'g' }), 1);
    expect(await ids('g')).toEqual(['g', 'g:2', 'g:sub:1', 'h']);
    expect(await ids('h')).toEqual(['g:1']);
  });

  it('stop reading what is due when there is enough', async () => {
    const due = '2026-11-20T09:00:00.000Z';
    for (let at = 0; at < 5; at += 1) await plain().create(draft(at, { id: `due-${at}`, due }));
    let queries = 0;
    const client = through((operation) => {
      if (operation === 'Query') queries += 1;
      return undefined;
    });
    const records = dynamoRecords({ table, ids, client });
    expect(await records.listDue('run', due, 2)).toHaveLength(2);
    expect(queries).toBe(1);
  });

  it.each([
    ['empty', ''],
    ['foreign', 'a/b'],
    ['long', 'x'.repeat(3_000)],
  ])('know nothing under a key no store can hold: %s', async (_, id) => {
    expect(await plain().read('run', id)).toBeUndefined();
  });
});
