import { columns } from '../../shared/cli/style.ts';
import { overAws, overAzure, weathered, inWords } from '../support/weather.ts';
import { coldBench } from './cold-bench.ts';
import { patternBench } from './pattern-bench.ts';
import { roadBench } from './road-bench.ts';

/** Parts by name; all of them when none is named. */
const parts = { road: roadBench, start: coldBench, pattern: patternBench } as const;

/** Figures beside what DESIGN section 8 wants; these machines are noisy, so none of them is asserted anywhere. */
if (import.meta.main) {
  const named = process.argv.slice(2);
  const chosen = (name: string): boolean => named.length === 0 || named.includes(name);
  for (const [name, bench] of Object.entries(parts))
    if (chosen(name)) {
      const rows = await bench();
      console.log(columns(rows.map(({ name: what, value, note = '' }) => [what, value, note])).join('\n'));
    }
  if (chosen('storm'))
    for (const [name, weather] of [
      ['ARM', overAzure],
      ['EC2', overAws],
    ] as const)
      console.log(`storm on ${name}: ${inWords(await weathered(weather, 1_000, 1))}`);
}
