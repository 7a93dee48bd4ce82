import { placesOf } from '../config/outcome-events.ts';
import type { RunOrder } from '../model/run.ts';
import { post } from '../records/outbox.ts';
import type { RunDeps } from './deps.ts';

/** Puts word of a run's end into the outbox, once for each place where programs hear of it. Only its id: the rest is on record. */
export async function postOutcome(
  deps: Pick<RunDeps, 'records' | 'clock' | 'settings'>,
  { id, finding }: Pick<RunOrder, 'id' | 'finding'>,
): Promise<void> {
  if (finding.sample) return;
  const places = placesOf(deps.settings.outcomeEvents);
  await Promise.all(
    places.map((place) => post(deps, { id: `${id}:${place}`, to: `outcome:${place}`, body: { run: id } })),
  );
}
