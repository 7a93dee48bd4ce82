import { columns, dim, green, red } from '../../shared/cli/style.ts';
import { beginning, explore, type Found } from './explore.ts';
import { allFaults, type Fault, noFault } from './faults.ts';
import { stalls, storeDown } from './interrupt.ts';
import { type Story, stories } from './stories.ts';

/** For so long the store answers nothing. */
const outageSeconds = 20;

const row = ({ story, fault, boundaries, pairs, schedules, failures }: Found, seconds: number): readonly string[] => [
  failures.length === 0 ? green('✓') : red('✗'),
  story,
  fault,
  `${boundaries} boundaries`,
  `${pairs} pairs`,
  `${schedules} schedules`,
  failures.length === 0 ? '0 wrong' : red(`${failures.length} wrong`),
  dim(`${seconds.toFixed(1)} s`),
];

/** Kills one story everywhere, one fault after the other; pairs of deaths where nothing else goes wrong. */
async function* wholeStory(story: Story): AsyncGenerator<Found> {
  const knowledge = await beginning(story);
  const under = (fault: Fault, pairs: boolean) => explore(story, knowledge, fault, pairs);
  yield await under(noFault, true);
  for (const fault of allFaults(knowledge.fine)) yield await under(fault, false);
  yield await storeDown(story, knowledge, outageSeconds);
  yield await stalls(story, knowledge);
}

let wrong = 0;
const named = process.argv.slice(2);
for (const story of stories.filter(({ name }) => named.length === 0 || named.includes(name))) {
  let begun = performance.now();
  for await (const found of wholeStory(story)) {
    console.log(columns([row(found, (performance.now() - begun) / 1_000)], '  ').join('\n'));
    for (const { killed, problems } of found.failures.slice(0, 3))
      console.log(red(`    ${killed.join(' then ')}: ${problems.join('; ')}`.slice(0, 1_000)));
    wrong += found.failures.length;
    begun = performance.now();
  }
}
console.log(
  wrong === 0
    ? green('Every schedule ended as it would have without a death.')
    : red(`${wrong} schedules ended otherwise.`),
);
process.exitCode = wrong === 0 ? 0 : 1;
