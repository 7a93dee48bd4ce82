import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patience, storeCall } from '../../shared/adapters/azure/store-call.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Draft, Records } from '../../shared/ports/records.ts';
import { httpResponse } from '../../shared/sandbox/http.ts';
import { azureStore, createTable, hasty, type LocalAccount, recordsIn } from '../support/azure-stores.ts';
import { type BlobsServer, startBlobs } from '../support/blobs-server.ts';
import { type Fate, type Line, losing, openLine } from '../support/line.ts';
import { recordsContract } from '../support/records-contract.ts';
import { startTables, type TablesServer } from '../support/tables-server.ts';

let tables: TablesServer;
let blobs: BlobsServer;
let account: LocalAccount;
let count = 0;
let table = '';
const lines: Line[] = [];

beforeAll(async () => {
  [tables, blobs] = await Promise.all([startTables(), startBlobs('evidence')]);
  account = { credential: tables.credential, tables: tables.endpoint, blobs: blobs.endpoint };
});
afterAll(() => Promise.all([...lines, { close: tables.stop }, { close: blobs.stop }].map((one) => one.close())));

const nextName = (): string => {
  count += 1;
  return `records${count}`;
};

async function freshTable(): Promise<void> {
  table = nextName();
  await createTable(table, account);
  tables.asked.length = 0;
}

const plain = (): Records => recordsIn(table, account);
async function over(fate: Fate): Promise<Records> {
  const line = await openLine(account.tables, fate);
  lines.push(line);
  return recordsIn(table, account, line.url);
}

const due = '2026-11-20T09:00:00.000Z';
const draft = (id: string, body: Json, more: Partial<Draft> = {}): Draft => ({ kind: 'run', id, body, ...more });
const rows = (): readonly string[] => tables.keys(table).filter((key) => !key.startsWith('item'));
const idsIn = async (group: string): Promise<readonly string[]> =>
  (await plain().list('run', group)).map(({ id }) => id);

/** Holds the nth request up until it is let go; `there` resolves when it has come. */
function holdingUp(nth: number) {
  const there = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<undefined>();
  const fate: Fate = (at) => {
    if (at !== nth) return undefined;
    there.resolve();
    return gone.promise;
  };
  return { fate, there: there.promise, letGo: () => gone.resolve(undefined) };
}

recordsContract('Azure Tables beside Blob Storage', () => azureStore(account, nextName(), 'evidence'));

type Wish = { readonly id: string; readonly group: string | undefined; readonly due: string | undefined };
/** What one writer wants, which of its answers are lost, and with which request it dies, if it does. */
type WriterLife = { readonly wishes: readonly Wish[]; readonly loses: readonly number[]; readonly dies: number | null };

const later = '2026-11-20T10:00:00.000Z';
const nth = fc.integer({ min: 1, max: 20 });
const wish: fc.Arbitrary<Wish> = fc.record({
  id: fc.constantFrom('x:1', 'y'),
  group: fc.constantFrom('g', 'h', 'x', undefined),
  due: fc.constantFrom(due, later, undefined),
});
const writerLife: fc.Arbitrary<WriterLife> = fc.record({
  wishes: fc.array(wish, { minLength: 1, maxLength: 4 }),
  loses: fc.array(nth, { maxLength: 6 }),
  dies: fc.option(nth),
});

async function put(records: Records, { id, group, due: at }: Wish): Promise<void> {
  const wanted = draft(id, 0, { ...(group !== undefined && { group }), ...(at !== undefined && { due: at }) });
  const stored = await records.read('run', id);
  await (stored ? records.replace(wanted, stored.version) : records.create(wanted));
  await records.list('run', 'g');
}

async function live({ wishes, loses, dies }: WriterLife): Promise<void> {
  const records = await over((at) => {
    if (dies !== null && at >= dies) return 'request';
    return loses.includes(at) ? 'answer' : undefined;
  });
  for (const one of wishes)
    await put(records, one).catch((thrown: unknown) => expect(thrown).toMatchObject({ retryable: true }));
}

/** Whether each list holds what the items themselves say. */
async function checkLists(): Promise<void> {
  const records = plain();
  const items = (await Promise.all(['x:1', 'y'].map((id) => records.read('run', id)))).flatMap((one) => one ?? []);
  for (const name of ['g', 'h', 'x'])
    expect(await records.list('run', name)).toEqual(items.filter((one) => one.group === name));
  const dueAt = (instant: string) => items.filter((one) => one.due === instant);
  expect(await records.listDue('run', '9999', 10)).toEqual([...dueAt(due), ...dueAt(later)]);
}

describe('rows that point to items of a Table', () => {
  beforeEach(freshTable);

  it('are there for what is in the table now, and for nothing else', async () => {
    const records = plain();
    await records.create(draft('a', 1, { group: 'g', due }));
    expect(rows()).toEqual([`due!run ${due}!a!0000000001`, 'group!run!g a!0000000001']);
    await records.replace(draft('a', 2, { group: 'g' }), 1);
    expect(rows()).toEqual(['group!run!g a!0000000002']);
    await records.replace(draft('a', 3), 2);
    await records.create(draft('g:1', 1, { group: 'g' }));
    expect(rows()).toEqual([]);
  });

  it('are taken away by the next list where their writer could not', async () => {
    await plain().create(draft('a', 1, { group: 'g', due }));
    // read, two rows, the item; the fifth and sixth take the old rows away
    const dying = await over((nth) => (nth > 4 ? 'request' : undefined));
    expect(await dying.replace(draft('a', 2, { group: 'h', due: later }), 1)).toBe(true);
    expect(rows()).toHaveLength(4);
    expect(await idsIn('g')).toEqual([]);
    expect(await plain().listDue('run', due, 10)).toEqual([]);
    expect(rows()).toEqual([`due!run ${later}!a!0000000002`, 'group!run!h a!0000000002']);
  });

  it('stay where their item has not come yet, because its writer may only be slow', async () => {
    const slow = holdingUp(3);
    const creating = (await over(slow.fate)).create(draft('a', 1, { group: 'g', due }));
    await slow.there;
    expect(await idsIn('g')).toEqual([]);
    expect(await plain().listDue('run', due, 10)).toEqual([]);
    slow.letGo();
    expect(await creating).toBe(true);
    expect(await idsIn('g')).toEqual(['a']);
    expect(await plain().listDue('run', due, 10)).toHaveLength(1);
  });

  it('stay where their version has not come yet, and go when another takes its place', async () => {
    await plain().create(draft('a', 1, { group: 'g' }));
    const slow = holdingUp(3); // reads, points from h, and is about to write
    const replacing = (await over(slow.fate)).replace(draft('a', 'slow', { group: 'h' }), 1);
    await slow.there;
    expect(await idsIn('h')).toEqual([]);
    expect(rows()).toEqual(['group!run!g a!0000000001', 'group!run!h a!0000000002']);
    await plain().replace(draft('a', 'fast', { group: 'g' }), 1);
    slow.letGo();
    expect(await replacing).toBe(false);
    expect([await idsIn('g'), await idsIn('h')]).toEqual([['a'], []]);
    expect(rows()).toEqual(['group!run!g a!0000000002']);
  });

  it('of an item that came back to its group are not taken away by one who is late to clear up', async () => {
    await plain().create(draft('a', 1, { group: 'g' }));
    const slow = holdingUp(4); // the row of the first version
    const leaving = (await over(slow.fate)).replace(draft('a', 2, { group: 'h' }), 1);
    await slow.there;
    await plain().replace(draft('a', 3, { group: 'g' }), 2);
    slow.letGo();
    expect(await leaving).toBe(true);
    expect([await idsIn('g'), await idsIn('h')]).toEqual([['a'], []]);
    expect(rows()).toEqual(['group!run!g a!0000000003']);
  });

  it('lead to every item, whoever wrote at the same time and whatever was lost on the way', async () => {
    const property = fc.asyncProperty(fc.array(writerLife, { minLength: 1, maxLength: 4 }), async (lives) => {
      await freshTable();
      await Promise.all(lives.map(live));
      await checkLists();
      await checkLists(); // what the first ones took away was not needed
      await Promise.all(lines.splice(0).map((line) => line.close()));
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('Azure Tables', () => {
  beforeEach(freshTable);

  it('cost one request for what no list holds, or for what lies in its group', async () => {
    const records = plain();
    await records.create({ kind: 'lease', id: 'a', body: 1 });
    await records.create({ kind: 'journal', id: 'run:000001', group: 'run', body: 1 });
    expect(tables.asked).toEqual(['POST', 'POST']);
    await records.replace({ kind: 'lease', id: 'a', body: 2 }, 1);
    expect(tables.asked.slice(2)).toEqual(['GET item!lease!a a', 'PUT item!lease!a a']);
  });

  it('may answer a query with less than was asked for, or with nothing, and more to come', async () => {
    const drafts = Array.from({ length: 40 }, (_, at) => draft(`g:${String(at).padStart(2, '0')}`, at, { due }));
    const [odd, even] = [0, 1].map((rest) => drafts.filter((_, at) => at % 2 === rest));
    for (const one of odd ?? []) await plain().create({ ...one, group: 'g' });
    for (const one of even ?? []) await plain().create({ ...one, group: 'other' });
    tables.shorten(7);
    try {
      expect(await idsIn('g')).toEqual(odd?.map(({ id }) => id));
      expect(await idsIn('other')).toEqual(even?.map(({ id }) => id));
      expect((await plain().listDue('run', due, 99)).map(({ id }) => id)).toEqual(drafts.map(({ id }) => id));
      expect(await plain().list('run', 'g', 9)).toHaveLength(9);
    } finally {
      tables.shorten(1_000_000);
    }
  });

  it('are not asked for more when there is enough', async () => {
    for (let at = 0; at < 40; at += 1) await plain().create(draft(`due-${at}`, at, { due, group: 'g' }));
    tables.shorten(32);
    tables.asked.length = 0;
    try {
      expect(await plain().listDue('run', due, 2)).toHaveLength(2);
      expect(tables.asked.filter((one) => one === 'GET')).toHaveLength(2); // the first page is empty
    } finally {
      tables.shorten(1_000_000);
    }
  });

  it('that are not there are a fault, and no empty answer', async () => {
    table = 'nosuchtable';
    const missing = { code: 'TableNotFound', retryable: false, indeterminate: false };
    await expect(plain().read('run', 'a')).rejects.toMatchObject(missing);
    await expect(plain().list('run', 'g')).rejects.toMatchObject(missing);
    await expect(plain().create(draft('a', 1))).rejects.toMatchObject(missing);
    await expect(plain().replace(draft('a', 1), 1)).rejects.toMatchObject(missing);
  });

  it('that refuse the caller are asked once', async () => {
    const credential = { name: 'cordon', key: 'AAAA' };
    const stranger = recordsIn(table, { ...account, credential });
    const denied = { code: 'AuthenticationFailed', status: 403, retryable: false, indeterminate: false };
    await expect(stranger.create(draft('a', 1))).rejects.toMatchObject(denied);
    expect(tables.asked).toEqual(['POST']);
  });

  const busy = httpResponse(
    503,
    { 'content-type': 'application/json' },
    '{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"The server is busy.\\nRequestId:0"}}}',
  );

  it('that are busy are asked again, and the fault that stays says so', async () => {
    const passing = await over((nth) => (nth <= 3 ? busy : undefined));
    expect(await passing.create(draft('a', 1))).toBe(true);
    const staying = await over(() => busy);
    await expect(staying.replace(draft('a', 2), 1)).rejects.toMatchObject({
      code: 'ServerBusy',
      message: 'Azure: ServerBusy: The server is busy.',
      retryable: true,
    });
    expect(await plain().read('run', 'a')).toMatchObject({ version: 1 });
  });

  it('of which no answer ever comes are known to have written when they did', async () => {
    const [writes, reads] = [['POST', 'PUT'], ['GET']];
    const lostOf =
      (methods: readonly string[]): Fate =>
      (_, { method }) =>
        methods.includes(method) ? 'answer' : undefined;
    expect(await (await over(lostOf(writes))).create(draft('a', 1))).toBe(true);
    expect(await (await over(lostOf(writes))).replace(draft('a', 2), 1)).toBe(true);
    const fault = { code: 'no-answer', retryable: true, indeterminate: true };
    await expect((await over(lostOf([...writes, ...reads]))).create(draft('b', 1))).rejects.toMatchObject(fault);
    expect(await plain().read('run', 'b')).toMatchObject({ version: 1 });
  });

  it('take a write that was overtaken while it was repeated for refused', async () => {
    const overtaken: Fate = async (nth) => {
      if (nth !== 1) return undefined;
      await plain().create(draft('a', 'another'));
      return 'request';
    };
    expect(await (await over(overtaken)).create(draft('a', 'mine'))).toBe(false);
    expect(await plain().read('run', 'a')).toMatchObject({ version: 1, body: 'another' });
  });

  it.each([
    ['empty', ''],
    ['foreign', 'a/b'],
    ['long', 'x'.repeat(3_000)],
  ])('know nothing under a key no store can hold: %s', async (_, id) => {
    expect(await plain().read('run', id)).toBeUndefined();
    expect(tables.asked).toEqual([]);
  });
});

describe('a call to a store in Azure', () => {
  const never = ({ abortSignal }: { readonly abortSignal: AbortSignal }): Promise<never> =>
    new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
  const noAnswer = { code: 'no-answer', retryable: true, indeterminate: true };

  it('that is not answered in time is a fault that may pass', async () => {
    await expect(storeCall({ ...patience, deadlineMilliseconds: 5 }, never)).rejects.toMatchObject(noAnswer);
  });

  it('is made again where one attempt was not answered in time', async () => {
    let attempts = 0;
    const second = storeCall({ ...hasty, attemptMilliseconds: 5 }, async (options) => {
      attempts += 1;
      return attempts === 1 ? never(options) : attempts;
    });
    expect(await second).toBe(2);
  });

  it('does not wait past its deadline for another attempt', async () => {
    const limits = { ...patience, deadlineMilliseconds: 5, pausesMilliseconds: [60_000] };
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    await expect(storeCall(limits, () => Promise.reject(reset))).rejects.toMatchObject(noAnswer);
  });
});

it('a line that loses nothing changes nothing', async () => {
  await freshTable();
  expect(await (await over(losing('answer'))).create(draft('a', 1))).toBe(true);
  expect(await plain().read('run', 'a')).toMatchObject({ body: 1 });
});
