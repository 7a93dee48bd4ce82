import { describe, expect, it } from 'vitest';
import { spilling } from '../../shared/records/spill.ts';
import { memory } from '../support/store.ts';

const large = { resources: Array.from({ length: 2_000 }, (_, at) => `eni-${String(at).padStart(17, '0')}`) };
const draft = (body: typeof large | { small: true }) =>
  ({ kind: 'run', id: 'a', group: 'g', due: '2026-11-20T09:00:00.000Z', body }) as const;

describe('records over a store of small items', () => {
  it('take a body of any size and give it back whole, however it is asked for', async () => {
    const { records, evidence } = memory();
    const all = spilling(records, evidence);
    await expect(records.create(draft(large))).rejects.toMatchObject({ code: 'bad-record' });
    expect(await all.create(draft(large))).toBe(true);
    expect((await all.read('run', 'a'))?.body).toEqual(large);
    expect((await all.list('run', 'g')).map(({ body }) => body)).toEqual([large]);
    expect((await all.listDue('run', '2026-11-20T10:00:00.000Z', 10)).map(({ body }) => body)).toEqual([large]);
    expect(JSON.stringify((await records.read('run', 'a'))?.body).length).toBeLessThan(200);
  });

  it('keep a small body where it is, and replace one by the other', async () => {
    const { records, evidence } = memory();
    const all = spilling(records, evidence);
    await all.create(draft({ small: true }));
    expect((await records.read('run', 'a'))?.body).toEqual({ small: true });
    expect(await all.replace(draft(large), 1)).toBe(true);
    expect(await all.replace(draft({ small: true }), 1)).toBe(false);
    expect((await all.read('run', 'a'))?.body).toEqual(large);
  });

  it('say so when the evidence store has lost a body', async () => {
    const { records, evidence } = memory();
    await spilling(records, evidence).create(draft(large));
    const forgetful = spilling(records, { ...evidence, get: async () => undefined });
    await expect(forgetful.read('run', 'a')).rejects.toMatchObject({ code: 'evidence-lost' });
  });
});
