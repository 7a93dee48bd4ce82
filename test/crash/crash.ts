import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { columns, dim, green, red } from '../../shared/cli/style.ts';
import { beginning, explore, type Found } from './explore.ts';
import { allFaults, type Fault, noFault, someFaults } from './faults.ts';
import { lostInFlight, stalls, storeDown } from './interrupt.ts';
import { type Story, stories } from './stories.ts';

/** For so long the store answers nothing. */
const outages = [20, 600];

/** What the checker calls a call made twice, an end that is another one, and a run that never ends. */
const wrongs = { duplicated: /^I[267]:/, lost: /^I1:/, stuck: /^I4: (?:run|a run|a message)|^stuck/ };
/** `0 duplicated, 0 lost, 0 stuck`, and how many schedules broke something else. */
function countOf({ failures }: Found): string {
  const kinds = Object.entries(wrongs).map(([word, sign]) => {
    return { word, of: failures.filter(({ problems }) => problems.some((one) => sign.test(one))) };
  });
  const others = failures.filter((failure) => !kinds.some(({ of }) => of.includes(failure)));
  const words = kinds.map(({ word, of }) => `${of.length} ${word}`);
  return [...words, ...(others.length > 0 ? [`${others.length} otherwise wrong`] : [])].join(', ');
}

const row = (found: Found, seconds: number): readonly string[] => [
  found.failures.length === 0 ? green('✓') : red('✗'),
  found.story,
  found.fault,
  `${found.boundaries} boundaries`,
  `${found.pairs} pairs`,
  `${found.schedules} schedules`,
  found.failures.length === 0 ? countOf(found) : red(countOf(found)),
  dim(`${seconds.toFixed(1)} s`),
];

/**
 * Kills one story everywhere. Pairs of deaths: where nothing else goes wrong, and under each kind of fault. Single deaths:
 * under each lost answer and each lost effect by itself, and every way for clocks to differ.
 */
async function* wholeStory(story: Story): AsyncGenerator<Found> {
  const knowledge = await beginning(story);
  const under = (fault: Fault, pairs: boolean) => explore(story, knowledge, fault, pairs);
  yield await under(noFault, true);
  for (const fault of someFaults(knowledge.fine)) yield await under(fault, true);
  for (const fault of allFaults(knowledge.fine)) yield await under(fault, false);
  yield await lostInFlight(story, knowledge);
  for (const seconds of outages) yield await storeDown(story, knowledge, seconds);
  yield await stalls(story, knowledge);
}

/** Goes through one story in this process; answers how many schedules went wrong. */
async function oneStory(story: Story): Promise<number> {
  let [wrong, begun] = [0, performance.now()];
  for await (const found of wholeStory(story)) {
    console.log(columns([row(found, (performance.now() - begun) / 1_000)], '  ').join('\n'));
    for (const { killed, problems } of found.failures.slice(0, 3))
      console.log(red(`    ${killed.join(' then ')}: ${problems.join('; ')}`.slice(0, 1_000)));
    wrong += found.failures.length;
    begun = performance.now();
  }
  return wrong;
}

/** Each story in a process of its own, as many at once as there are cores; answers how many of them went wrong. */
async function allStories(): Promise<number> {
  const open = stories.map(({ name }) => name);
  let wrong = 0;
  const lane = async (): Promise<void> => {
    for (let name = open.shift(); name !== undefined; name = open.shift()) {
      const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, name], { stdio: 'inherit' });
      const [code] = await once(child, 'exit');
      if (code !== 0) wrong += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return wrong;
}

const named = process.argv.slice(2);
let wrong = named.length === 0 ? await allStories() : 0;
for (const story of stories.filter(({ name }) => named.includes(name))) wrong += await oneStory(story);
if (named.length === 0)
  console.log(
    wrong === 0 ? green('Every schedule ended as it would have without a death.') : red(`${wrong} stories went wrong.`),
  );
process.exitCode = wrong === 0 ? 0 : 1;
