import { describe, expect, it } from 'vitest';
import { courses, roundTrips, type Trip } from '../support/round-trips.ts';

/**
 * What the road costs today, in dependent round trips; DESIGN section 8 wants less (`npm run bench` prints both). These
 * bounds only ever go down: whoever lowers the count lowers them.
 */
const bounds: Readonly<Record<string, { toClaim: number; toContained: number; toVerified: number }>> = {
  'IAM key': { toClaim: 5, toContained: 4, toVerified: 6 },
  'EC2 instance': { toClaim: 6, toContained: 6, toVerified: 8 },
  'EC2 instance, flows cut': { toClaim: 6, toContained: 7, toVerified: 9 },
  'NSG port': { toClaim: 5, toContained: 4, toVerified: 6 },
};

const roundOf = (trips: readonly Trip[], fits: (what: string) => boolean): number =>
  trips.find(({ what }) => fits(what))?.round ?? Number.NaN;

describe.each(courses)('containing an $name', ({ name, how, told }) => {
  it('waits no more often than it did, and writes its intent before the first change', async () => {
    const { trips, ...counted } = await roundTrips(how, told());
    const bound = bounds[name];
    expect(counted.toClaim).toBeLessThanOrEqual(bound?.toClaim ?? 0);
    expect(counted.toContained).toBeLessThanOrEqual(bound?.toContained ?? 0);
    expect(counted.toVerified).toBeLessThanOrEqual(bound?.toVerified ?? 0);
    const change = roundOf(trips, (what) => what.startsWith('change '));
    expect(roundOf(trips, (what) => what === 'create journal')).toBeLessThan(change);
    expect(roundOf(trips, (what) => what === 'create containment')).toBeLessThan(change);
  });
});
