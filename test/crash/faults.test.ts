import { describe, expect, test } from 'vitest';
import { beginning, explore } from './explore.ts';
import { allFaults, noFault, someFaults } from './faults.ts';
import { stalls } from './interrupt.ts';
import { short, told } from './told.ts';

describe.each(short)('$name, under faults', (story) => {
  const thorough = story.name === 'leaked access key';

  test('killed at any boundary under each ends as it would have', { timeout: 120_000 }, async () => {
    const knowledge = await beginning(story);
    const faults = thorough ? allFaults(knowledge.fine) : someFaults(knowledge.fine);
    const problems: string[] = [];
    for (const fault of [noFault, ...faults]) problems.push(...told(await explore(story, knowledge, fault, false)));
    expect(problems).toEqual([]);
  });
});

test('a process that stalls for longer than its lease changes nothing when it wakes', {
  timeout: 120_000,
}, async () => {
  const [story] = short;
  if (!story) throw new TypeError('no story');
  const knowledge = await beginning(story);
  await explore(story, knowledge, noFault, false);
  expect(told(await stalls(story, knowledge))).toEqual([]);
});
