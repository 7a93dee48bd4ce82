import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allAttacks, play } from '../support/attack.ts';
import { attackTable, readme, withTable } from '../support/attack-table.ts';

const attacks = await allAttacks();

describe('attacks end where Cordon answers', () => {
  test.each(attacks)('%s', async (_, attack) => {
    await play(attack);
  });

  test('are each known from somewhere, and told in a line', () => {
    for (const [name, { title, known, answer }] of attacks) {
      expect(known, name).not.toBe('');
      expect(`${title}${answer}`, name).not.toMatch(/[\n|]/);
    }
  });

  test('are those that the README lists: else `node test/support/attack-table.ts`', () => {
    const text = readFileSync(readme, 'utf8');
    expect(withTable(text, attackTable(attacks)) === text).toBe(true);
  });
});
