import { describe, expect, test } from 'vitest';
import { allAttacks, play } from '../support/attack.ts';

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
});
