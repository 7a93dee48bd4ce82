import { shortDigest } from '../shared/model/json.ts';
import type { Json } from '../shared/model/json.ts';
import type { Requester } from '../shared/model/run.ts';
import type { PlaybookSet } from '../shared/playbook/playbook-set.ts';
import type { Metrics } from '../shared/ports/metrics.ts';
import { eventMetrics } from '../shared/report/event-metrics.ts';
import { inert } from '../shared/report/inert.ts';
import { type Failures, keepAccount } from '../shared/run/account.ts';
import { type Received, type ReceiveDeps, receiveEach, type Taken } from '../shared/run/receive.ts';
import { faultFields, forHost, log } from './log.ts';

export type IntakeDeps = ReceiveDeps & { readonly metrics?: Metrics };

/** By what the lines of one event are found together: the host's id of the invocation, and that of the event. */
export type Ids = { readonly requestId: string; readonly eventId?: string };

/** What a log says of what became of an event: ids and words of our own. */
function fieldsOf(one: Received): object {
  switch (one.kind) {
    case 'opened': {
      const { kind, finding, runId, playbook, fresh } = one;
      return { kind, findingDigest: shortDigest(finding), runId, playbook, fresh };
    }
    case 'skipped': {
      const { kind, finding, playbook, reason } = one;
      return { kind, findingDigest: shortDigest(finding), playbook, reason };
    }
    case 'ignored':
      return { kind: one.kind, source: one.source, why: inert(one.why) };
    case 'quarantined':
      return { kind: one.kind, id: one.id, problem: inert(one.problem), remedy: one.remedy };
  }
}

/** Writes down what became of one event. */
const logReceived = (one: Received, ids: object): void =>
  log(one.kind === 'quarantined' ? 'warn' : 'info', one.kind, { ...fieldsOf(one), ...ids });

/** The events of one invocation, taken one by one and accounted for together. */
export type Intake = {
  /** Takes one message; throws what may pass when it comes again, which it does not after its last try. */
  take(message: Json, requester: Requester, ids: Ids, lastTry?: boolean): Promise<readonly Received[]>;
  /** Accounts for all of them, in one write. `oldestAgeSeconds` is how long the oldest had waited, where that is known. */
  close(oldestAgeSeconds: number | null): Promise<void>;
};

type AccountDeps = Pick<IntakeDeps, 'records' | 'clock' | 'metrics'>;
type Invocation = Failures & { readonly oldestAgeSeconds: number | null };

/** Measures what became of the events of an invocation, and adds it to the account of the day. */
async function account(
  deps: AccountDeps,
  requestId: string,
  taken: readonly Taken[],
  invocation: Invocation,
): Promise<void> {
  await deps.metrics?.put(eventMetrics(taken, invocation), { requestId });
  try {
    await keepAccount(deps, requestId, taken, invocation);
  } catch (thrown) {
    // the runs are open: events are not taken again for the sake of a count
    const lost = taken.length + invocation.failed;
    log('warn', 'events are missing in the account of the day', { requestId, lost, ...faultFields(thrown) });
  }
}

/** Begins to take the events of one invocation, which `requestId` names. */
export function openIntake(deps: IntakeDeps, playbooks: PlaybookSet, requestId: string): Intake {
  const taken: Taken[] = [];
  let failed = 0;
  let deadLettered = 0;
  return {
    async take(message, requester, ids, lastTry = false) {
      try {
        const each = await receiveEach(deps, playbooks, message, requester);
        taken.push(...each);
        const became = each.flatMap((one) => one.became);
        for (const one of became) logReceived(one, ids);
        return became;
      } catch (thrown) {
        failed += 1;
        if (lastTry) deadLettered += 1;
        throw forHost(thrown);
      }
    },
    close: (oldestAgeSeconds) => account(deps, requestId, taken, { failed, deadLettered, oldestAgeSeconds }),
  };
}

/** Accounts for an event that no delivery brings again: it is set aside. */
export const accountSetAside = (deps: AccountDeps, requestId: string): Promise<void> =>
  account(deps, requestId, [], { failed: 0, deadLettered: 1, oldestAgeSeconds: null });
