import { courses, ownTime, roundTrips } from '../support/round-trips.ts';
import type { Row } from './pattern-bench.ts';

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Dependent round trips from the claim until contained and verified, what was called meanwhile, and the time of our own. */
export async function roadBench(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, how, told, wanted } of courses) {
    const { trips, toClaim, toContained, toVerified } = await roundTrips(how, told());
    const path = trips.filter(({ round }) => round > toClaim && round <= toClaim + toContained);
    const provider = path.filter(({ to }) => to === 'provider').length;
    const [contained, verified] = wanted;
    rows.push({
      name: `${name}: dependent round trips from claim to contained, then verified`,
      value: `${toContained}, ${toVerified}`,
      note: `wanted ${contained}, ${verified}; ${provider} provider calls and ${path.length - provider} of records; ${toClaim} before the claim`,
    });
    const times: number[] = [];
    for (let round = 0; round < 15; round += 1) times.push(await ownTime(how, told()));
    const value = `${median(times.slice(3)).toFixed(1)} ms`;
    rows.push({ name: `${name}: own time on that path, warm`, value, note: 'wanted at most 5 ms; the SDKs count' });
  }
  return rows;
}
