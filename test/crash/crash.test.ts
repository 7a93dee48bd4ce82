import { describe, expect, test } from 'vitest';
import { beginning, explore } from './explore.ts';
import { noFault } from './faults.ts';
import { stories } from './stories.ts';
import { short, told } from './told.ts';

test('every playbook that ships has its story, and its way back where there is one', () => {
  expect(stories.length).toBeGreaterThanOrEqual(16);
});

describe.each(stories)('$name', (story) => {
  test('killed at any boundary ends as it would have', { timeout: 120_000 }, async () => {
    const found = await explore(story, await beginning(story), noFault, short.includes(story));
    expect(told(found)).toEqual([]);
    expect(found.boundaries).toBeGreaterThan(30);
    expect(found.schedules).toBeGreaterThan(10);
  });
});
