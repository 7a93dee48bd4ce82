import { describe, expect, it } from 'vitest';
import { later } from '../../shared/model/duration.ts';
import { CordonError } from '../../shared/model/error.ts';
import { held } from '../../shared/records/containments.ts';
import { holds } from '../../shared/records/holds.ts';
import { halt } from '../../shared/run/halt.ts';
import {
  type Filter,
  type ManyWish,
  type OpenedRelease,
  previewMany,
  releaseMany,
  releasesPerMinute,
} from '../../shared/run/release-many.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { subscription } from '../support/company.ts';
import {
  carryOn,
  disableKey,
  leakedKey,
  lived,
  openPort,
  playbook,
  type Road,
  road,
  stateOf,
} from '../support/road.ts';

const roomy = { accountPerHour: 1_000 };

const closePort = (port: number, id = 'close-port') =>
  playbook(`
id: ${id}
title: Close a port
on: { finding: { provider: [defender] } }
mode: enforce
limits: { perHour: 500 }
steps:
  - id: close
    action: azure.network.close-nsg-port
    with: { networkSecurityGroupId: "\${target.id}", port: ${port} }
`);

/** A finding of its own about the same group. */
function alert(number: number) {
  const { finding, event } = openPort();
  const name = `alert-${number}`;
  const link = { alertId: `${finding.link['alertId'] ?? ''}-${number}`, alertName: name, systemAlertId: name };
  return { finding: { ...finding, id: name, link }, event: { ...event, id: name } };
}

/** So many false positives, each of which closed a port. */
async function stormed(one: Road, count: number, id?: string, first = 0): Promise<string[]> {
  const runs: string[] = [];
  for (let at = first; at < first + count; at += 1) {
    const { runId, word } = await lived(one, closePort(4_000 + at, id), alert(at));
    expect(word).toBe('contained allowed');
    runs.push(runId);
  }
  return runs;
}

const wish: ManyWish = { by: 'maria', reactivateCredentials: false, reaches: () => true };
const storm: Filter = { playbook: 'close-port' };

/** What a bulk release can be asked with, by a starter that only remembers. */
function asking(one: Road) {
  const started: string[] = [];
  const deps = { ...one.deps, starter: { start: async (id: string) => void started.push(id) } };
  return {
    started,
    deps,
    preview: (filter = storm, by = wish) => previewMany(deps, filter, by, one.signal),
    release: (digest: string, filter = storm, by = wish) => releaseMany(deps, filter, by, digest, one.signal),
  };
}

const carried = async (one: Road, opened: readonly OpenedRelease[]): Promise<(string | undefined)[]> => {
  const outcomes: (string | undefined)[] = [];
  for (const { release } of opened) outcomes.push((await carryOn(one, release)).result?.outcome);
  return outcomes;
};

describe('the plan of a bulk release', () => {
  it('has the way back of every run that fits, and opens nothing', async () => {
    const one = road(roomy);
    const runs = await stormed(one, 3);
    await stormed(one, 1, 'another', 10);
    const { preview, started } = asking(one);
    const many = await preview();
    expect(many.runs.map(({ run }) => run)).toEqual(runs);
    expect(many.runs.map(({ plan }) => plan.steps.map(({ decision, changes }) => [decision, changes.length]))).toEqual(
      runs.map(() => [['allow', 1]]),
    );
    expect((await preview()).digest).toBe(many.digest);
    expect(started).toEqual([]);
    expect(await held(one.deps)).toHaveLength(4);
  });

  it('has what was cut off since an instant, or in an account', async () => {
    const one = road(roomy);
    await stormed(one, 1);
    one.sandbox.clock.advance(7_200);
    const since = one.sandbox.clock.now();
    const [late] = await stormed(one, 1, 'close-port', 1);
    const { preview } = asking(one);
    expect((await preview({ ...storm, since })).runs.map(({ run }) => run)).toEqual([late]);
    expect((await preview({ since: later(since, -86_400) })).runs).toHaveLength(2);
    expect((await preview({ account: subscription.toUpperCase() })).runs).toHaveLength(2);
    expect((await preview({ account: '111122223333' })).runs).toEqual([]);
  });

  it('leaves out what somebody has no right to', async () => {
    const one = road(roomy);
    await stormed(one, 2);
    const { preview } = asking(one);
    const reaches = ({ account }: { account: string }) => account !== subscription;
    expect(await preview(storm, { ...wish, reaches })).toMatchObject({ runs: [], left: [] });
  });

  it('leaves credentials alone, unless they are asked back, and says so', async () => {
    const one = road(roomy);
    const { runId } = await lived(one, disableKey(), leakedKey());
    const { preview } = asking(one);
    const kept = await preview({ playbook: 'leaked-key' });
    expect(kept).toMatchObject({ runs: [], left: [{ run: runId }] });
    expect(kept.left[0]?.why).toContain('second person');
    const back = await preview({ playbook: 'leaked-key' }, { ...wish, reactivateCredentials: true });
    expect(back).toMatchObject({ runs: [{ run: runId }], left: [] });
  });
});

describe('a bulk release', () => {
  it('takes back what was agreed to, each run by a release of its own', async () => {
    const one = road(roomy);
    const runs = await stormed(one, 3);
    const { preview, release, started } = asking(one);
    const opened = await release((await preview()).digest);
    expect(opened.map(({ run }) => run)).toEqual(runs);
    expect(started).toEqual(opened.map((each) => each.release));
    expect(await carried(one, opened)).toEqual(['released', 'released', 'released']);
    expect(await held(one.deps)).toEqual([]);
    expect((await holds(one.deps.records)).map(({ by }) => by)).toEqual(['maria', 'maria', 'maria']);
  });

  it('takes nothing back where the plan is another one by now', async () => {
    const one = road(roomy);
    await stormed(one, 2);
    const { preview, release, started } = asking(one);
    const { digest } = await preview();
    await stormed(one, 1, 'close-port', 5);
    await expect(release(digest)).rejects.toMatchObject({ code: 'other-plan' });
    await expect(release('f'.repeat(64))).rejects.toMatchObject({ code: 'other-plan' });
    expect(started).toEqual([]);
    expect(await held(one.deps)).toHaveLength(3);
  });

  it('opens nothing where nothing fits', async () => {
    const { preview, release } = asking(road());
    await expect(release((await preview()).digest)).rejects.toMatchObject({ code: 'other-plan' });
  });

  it('finds the same releases when it is asked again, whatever has become of them', async () => {
    const one = road(roomy);
    await stormed(one, 3);
    const { preview, release } = asking(one);
    const { digest } = await preview();
    const first = await release(digest);
    await carried(one, first.slice(0, 2));
    const again = await release(digest);
    expect(again.map((each) => each.release)).toEqual(first.map((each) => each.release));
    expect(await carried(one, again)).toEqual(['released', 'released', 'released']);
  });

  it('goes on where it died', async () => {
    const one = road(roomy);
    const runs = await stormed(one, 3);
    const { deps, preview, release } = asking(one);
    const { digest } = await preview();
    let written = 0;
    const { records } = deps;
    const dying: typeof records = {
      ...records,
      async create(draft) {
        if (draft.kind === 'run') written += 1;
        if (written === 2) throw new CordonError({ code: 'store-down', message: 'gone', retryable: true });
        return records.create(draft);
      },
    };
    await expect(releaseMany({ ...deps, records: dying }, storm, wish, digest, one.signal)).rejects.toThrow('gone');
    const opened = await release(digest);
    expect(opened.map(({ run }) => run)).toEqual(runs);
    expect(await carried(one, opened)).toEqual(['released', 'released', 'released']);
  });

  it('starts so many a minute; the sweep starts the others in their turn', async () => {
    const one = road(roomy);
    await stormed(one, releasesPerMinute + 2);
    const { deps, preview, release, started } = asking(one);
    const now = one.sandbox.clock.now();
    const opened = await release((await preview()).digest);
    expect(started).toHaveLength(releasesPerMinute);
    expect(opened.slice(releasesPerMinute).map(({ startsAt }) => startsAt)).toEqual([later(now, 60), later(now, 60)]);
    for (const { release: id } of opened.slice(0, releasesPerMinute)) await carryOn(one, id);
    const rest = opened.slice(releasesPerMinute).map((each) => each.release);
    one.sandbox.clock.moveTo(later(now, 60));
    started.length = 0;
    await sweep(deps);
    expect(started.toSorted()).toEqual(rest.toSorted());
  }, 60_000);

  it('is held back by a kill switch like everything else', async () => {
    const one = road(roomy);
    await stormed(one, 2);
    const { preview, release } = asking(one);
    const opened = await release((await preview()).digest);
    await halt(one.deps, { playbook: 'close-port' }, 'jonas', 'the wrong ones');
    for (const { release: id } of opened) await carryOn(one, id);
    expect(await held(one.deps)).toHaveLength(2);
    expect(await stateOf(one, opened[0]?.release ?? '')).toMatchObject({ waitsFor: 'the kill switch' });
  });

  it('asks a second person for each credential that it hands back', async () => {
    const one = road(roomy);
    await lived(one, disableKey(), leakedKey());
    const { preview, release } = asking(one);
    const [filter, back] = [{ playbook: 'leaked-key' }, { ...wish, reactivateCredentials: true }];
    const opened = await release((await preview(filter, back)).digest, filter, back);
    for (const { release: id } of opened) await carryOn(one, id);
    expect((await stateOf(one, opened[0]?.release ?? '')).waitsFor).toMatch(/^approval/);
    expect(await held(one.deps)).toHaveLength(1);
  });
});
