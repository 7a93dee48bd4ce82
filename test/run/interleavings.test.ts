import { describe, expect, test } from 'vitest';
import { Containment } from '../../shared/model/containment.ts';
import { canonical, type Json } from '../../shared/model/json.ts';
import type { RunResult } from '../../shared/model/run.ts';
import {
  type Actor,
  acts,
  contains,
  emptyScene,
  forkOf,
  raceAt,
  releases,
  runOf,
  type Scene,
  watches,
} from '../support/racing.ts';
import { createScheduler, seeded } from '../support/scheduler.ts';
import { start } from '../support/store.ts';

/** How it came out: what is there, and what is held by whom. */
function outcomeOf({ store, model }: Scene): string {
  const held = store
    .all('containment')
    .map(({ body }) => Containment.parse(body))
    .filter(({ status }) => status === 'held')
    .map(({ input, owners, changes }): Json => ({ input, owners: owners.toSorted(), changes: [...changes] }))
    .sort((a, b) => canonical(a).localeCompare(canonical(b)));
  return canonical({ state: model.state, held });
}

/** One actor after the other. */
async function serially(scene: Scene, actors: readonly Actor[]): Promise<Scene> {
  const scheduler = createScheduler(start, seeded(0));
  const race = raceAt(scene, scheduler);
  for (const actor of actors) await scheduler.run([acts(race, actor)]);
  return scene;
}

/** What the orders of some of the actors come to. */
type Serial = { readonly some: ReadonlySet<Actor>; readonly outcome: string };

/** Every order of all, and of some where others came to nothing. */
async function serialOutcomes(
  scene: Scene,
  actors: readonly Actor[],
  some: readonly Actor[] = [],
): Promise<readonly Serial[]> {
  const all: Serial[] = [{ some: new Set(some), outcome: outcomeOf(scene) }];
  for (const next of actors.filter((actor) => !some.includes(actor)))
    all.push(...(await serialOutcomes(await serially(forkOf(scene), [next]), actors, [...some, next])));
  return all;
}

type Setting = { readonly scene: Scene; readonly actors: readonly Actor[] };

const fresh =
  (...actors: readonly Actor[]) =>
  async (): Promise<Setting> => ({ scene: emptyScene(), actors });

/** A scene at which something is contained already; `next` says who comes then. */
const after =
  (first: readonly Actor[], next: (runs: readonly string[], scene: Scene) => readonly Actor[]) =>
  async (): Promise<Setting> => {
    const scene = await serially(emptyScene(), first);
    return {
      scene,
      actors: next(
        first.map((actor) => runOf(actor, scene)),
        scene,
      ),
    };
  };

/** The attacker opens the door again. */
function reopened({ model }: Scene): void {
  model.state['door'] = 'open';
}

const settings: readonly (readonly [name: string, () => Promise<Setting>])[] = [
  ['two runs of one playbook', fresh(contains('door', 1), contains('door', 2))],
  ['one run that two hosts carry on', fresh(contains('door', 1), { ...contains('door', 1), who: 'its double' })],
  ['two playbooks that want the same', fresh(contains('door', 1), contains('again', 1))],
  ['two playbooks of which one wants more', fresh(contains('door', 1), contains('house', 1))],
  ['two playbooks that want different things', fresh(contains('door', 1), contains('wall', 1))],
  [
    'five runs of three playbooks',
    fresh(contains('door', 1), contains('door', 2), contains('again', 1), contains('house', 1), contains('house', 2)),
  ],
  [
    'a release and a further finding',
    after([contains('door', 1)], ([run = '']) => [releases(run), contains('door', 2)]),
  ],
  [
    'the releases of both owners',
    after([contains('door', 1), contains('door', 2)], ([a = '', b = '']) => [releases(a), releases(b, 'jonas')]),
  ],
  [
    'two releases of one run, and two findings',
    after([contains('door', 1)], ([run = '']) => [
      releases(run),
      releases(run, 'jonas'),
      contains('door', 2),
      contains('again', 2),
    ]),
  ],
  [
    'an answer of the watch and a release',
    after([contains('door', 1)], ([run = ''], scene) => {
      reopened(scene);
      return [watches(), releases(run)];
    }),
  ],
  [
    'an answer of the watch, a release and a further finding',
    after([contains('door', 1)], ([run = ''], scene) => {
      reopened(scene);
      return [watches(), releases(run), contains('door', 2)];
    }),
  ],
];

/** How many interleavings of all settings together; `INTERLEAVINGS=10000` for all of them. */
const total = Number(process.env['INTERLEAVINGS'] ?? 800);
const each = Math.ceil(total / settings.length);

const good = ['contained', 'released', 'nothing-to-do'];

/** One race, and what is wrong with how it came out. */
async function raced({ scene, actors }: Setting, serial: readonly Serial[], seed: number): Promise<string | undefined> {
  const now = forkOf(scene);
  const scheduler = createScheduler(start, seeded(seed));
  const race = raceAt(now, scheduler);
  const tasks = actors.map((actor) => acts(race, actor));
  const path = await scheduler.run(tasks);
  const results: readonly (RunResult | undefined)[] = await Promise.all(tasks);
  const outcome = outcomeOf(now);
  // who says that nothing came of it may be left out of the order, nobody else may
  const done = actors.filter((_, at) => good.includes(results[at]?.outcome ?? ''));
  const fits = serial.some((one) => one.outcome === outcome && done.every((actor) => one.some.has(actor)));
  const { violations } = race.watchman;
  if (fits && violations.length === 0) return undefined;
  const words = results.map((result, at) => `${actors[at]?.who}: ${result?.outcome} ${result?.reason}`);
  return [`seed ${seed}`, ...violations, ...words, outcome, ...path].join('\n');
}

describe('runs that race for one resource come out as in some order, and no two change it at once:', () => {
  test.each(settings)(
    '%s',
    async (_, setting) => {
      const one = await setting();
      const serial = await serialOutcomes(one.scene, one.actors);
      for (let seed = 1; seed <= each; seed += 1) expect(await raced(one, serial, seed)).toBeUndefined();
    },
    240_000,
  );
});

describe('the race itself', () => {
  test('goes the same way again with the same seed, and another way with another', async () => {
    const pathOf = async (seed: number): Promise<string> => {
      const scheduler = createScheduler(start, seeded(seed));
      const race = raceAt(emptyScene(), scheduler);
      return (await scheduler.run([contains('door', 1), contains('door', 2)].map((one) => acts(race, one)))).join();
    };
    const paths = await Promise.all([7, 7, 8].map(pathOf));
    expect(paths[0]).toBe(paths[1]);
    expect(paths[0]).not.toBe(paths[2]);
  });

  test('finds a store in which both get the lease', async () => {
    const actors = [contains('door', 1), contains('wall', 1)];
    const found: string[] = [];
    for (let seed = 1; seed <= 60 && found.length === 0; seed += 1) {
      const scene = emptyScene();
      const { records } = scene.store;
      const blind: typeof records = {
        ...records,
        create: async (draft) => (draft.kind === 'lease' ? true : records.create(draft)),
        replace: async (draft, version) => (draft.kind === 'lease' ? true : records.replace(draft, version)),
      };
      const scheduler = createScheduler(start, seeded(seed));
      const race = raceAt({ ...scene, store: { ...scene.store, records: blind } }, scheduler);
      await scheduler.run(actors.map((actor) => acts(race, actor)));
      found.push(...race.watchman.violations);
    }
    expect(found[0]).toMatch(/change door at once/);
  });
});
