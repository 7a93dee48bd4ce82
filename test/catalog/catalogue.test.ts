import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import { type ActionLife, checkAction } from '../support/check-action.ts';

const lifeFile = (id: string): URL => new URL(`./lives/${id}.ts`, import.meta.url);

describe.each(Object.entries(allActions))('%s', (id, entry) => {
  it('has a life to be taken through', () => {
    expect(existsSync(lifeFile(id)), `write test/catalog/lives/${id}.ts`).toBe(true);
  });

  it('contains, proves it, is refused nothing it declares, and restores what was there', async () => {
    const { life } = (await import(lifeFile(id).href)) as { life: ActionLife }; // the type checker reads these files itself
    expect(await checkAction(await entry.load(), life)).toEqual([]);
  });

  it('declares examples that its own input accepts, and grants that name its cloud’s actions', async () => {
    const action = await entry.load();
    for (const example of action.examples) expect(action.input.safeParse(example).success).toBe(true);
    expect(action.id.startsWith(`${action.cloud}.`)).toBe(true);
    expect(action.id).toBe(id);
  });
});
