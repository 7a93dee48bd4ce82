import { columns } from '../../shared/cli/style.ts';
import { overAws, overAzure, weathered, inWords } from '../support/weather.ts';
import { patternBench } from './pattern-bench.ts';

/** Figures as ratios measured in one run; these machines are noisy, so none of them is asserted anywhere. */
if (import.meta.main) {
  const rows = await patternBench();
  for (const [name, weather] of [
    ['ARM', overAzure],
    ['EC2', overAws],
  ] as const)
    console.log(`storm on ${name}: ${inWords(await weathered(weather, 1_000, 1))}`);
  console.log(columns(rows.map(({ name, value, note = '' }) => [name, value, note])).join('\n'));
}
