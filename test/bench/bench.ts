import { columns } from '../../shared/cli/style.ts';
import { patternBench } from './pattern-bench.ts';

/** Figures as ratios measured in one run; these machines are noisy, so none of them is asserted anywhere. */
if (import.meta.main) {
  const rows = await patternBench();
  console.log(columns(rows.map(({ name, value, note = '' }) => [name, value, note])).join('\n'));
}
