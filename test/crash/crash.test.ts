import { describe, expect, test } from 'vitest';
import { beginning, explore, type Found } from './explore.ts';
import { allFaults, noFault, someFaults } from './faults.ts';
import { stalls } from './interrupt.ts';
import { stories } from './stories.ts';

/** Stories that are short enough for every pair with every `npm test`; `npm run crash` has them all. */
const short = stories.filter(({ name }) =>
  /^(leaked access key|public bucket|federated session|malware in a blob)/.test(name),
);

/** What went wrong, in as many words as help; nothing where all ended as without a fault. */
const told = ({ story, fault, failures }: Found): string[] =>
  failures.map(({ killed, problems }) =>
    `${story}, ${fault}, ${killed.join(' then ')}: ${problems.join('; ')}`.slice(0, 600),
  );

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
