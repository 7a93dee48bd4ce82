import { shortDigest } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Records } from '../ports/records.ts';
import { quarantine, type Unusable } from '../records/quarantine.ts';
import { tell } from './notices.ts';

type Deps = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly notifier: Notifier;
};

/** Keeps a message that no try could open, and tells people: whatever it reports, nobody has answered it. Answers with its id. */
export async function setAside(deps: Deps, unusable: Unusable): Promise<string> {
  const id = await quarantine(deps, unusable);
  await tell(deps, {
    id: shortDigest({ setAside: id }),
    kind: 'event-set-aside',
    at: deps.clock.now(),
    severity: 'Unknown',
    page: true,
    run: null,
    playbook: null,
    finding: null,
    target: null,
    outcome: null,
    detail: `${unusable.problem} It is kept as ${id}. ${unusable.remedy}`,
    steps: [],
    asks: null,
    commands: ['cordon status'],
  });
  return id;
}
