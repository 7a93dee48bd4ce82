import { describe, expect, test } from 'vitest';
import { beginning, explore } from './explore.ts';
import { allFaults, noFault, someFaults } from './faults.ts';
import { lostInFlight, stalls, storeDown } from './interrupt.ts';
import { stories } from './stories.ts';
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

test.each(['public bucket', 'steps side by side'])(
  '%s: a call that is lost in flight while those beside it arrive makes no difference',
  { timeout: 120_000 },
  async (name) => {
    const story = stories.find((one) => one.name === name);
    if (!story) throw new TypeError('no story');
    const found = await lostInFlight(story, await beginning(story));
    expect(told(found)).toEqual([]);
    expect(found.schedules).toBeGreaterThan(10);
  },
);

test('a store that is down for a while, at any call on it, makes no difference', { timeout: 120_000 }, async () => {
  const story = stories.find(({ name }) => name === 'malware in a blob');
  if (!story) throw new TypeError('no story');
  const knowledge = await beginning(story);
  await explore(story, knowledge, noFault, false);
  const found = await storeDown(story, knowledge, 20);
  expect(told(found)).toEqual([]);
  expect(found.schedules).toBeGreaterThan(50);
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
