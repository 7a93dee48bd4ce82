import * as z from 'zod';
import type { Json } from '../model/json.ts';
import { RunResult } from '../model/run.ts';
import { putOnHold } from '../records/holds.ts';
import type { RunDeps } from './deps.ts';
import { endNotice, tell } from './notices.ts';
import { postOutcome } from './post-outcome.ts';
import { readPlan } from './stored-plan.ts';
import type { WorkContext } from './turn.ts';
import { postWriteBack } from './write-back.ts';

const Concluding = z.object({ result: RunResult });
const Planned = z.object({ value: z.object({ plan: z.string().min(1) }) });

/** The last plan that the run made, as its journal names it. */
async function lastPlan(deps: RunDeps, { journal }: WorkContext) {
  const named = journal.entries.flatMap((entry) => {
    if (entry.type !== 'reply' || !entry.key.startsWith('plan#')) return [];
    const planned = Planned.safeParse(entry.reply);
    return planned.success ? [planned.data.value.plan] : [];
  });
  const last = named.at(-1);
  return last === undefined ? undefined : readPlan(deps, last);
}

/**
 * What follows from a run that is over: people, the finding's own system and programs are told, and what a person has released is
 * on hold for its finding.
 * Only records are written here; nothing is sent.
 */
export async function conclude(deps: RunDeps, input: Json, context: WorkContext): Promise<null> {
  const { result } = Concluding.parse(input);
  const { order } = context;
  const at = deps.clock.now();
  if (order.kind === 'release' && order.requester.kind === 'person' && result.outcome === 'released') {
    const { finding, target, releases } = order;
    const of = { provider: finding.provider, finding: finding.id, target: target.id };
    await putOnHold(deps.records, of, { run: releases, by: order.requester.id, at });
  }
  await tell(deps, endNotice(order, await lastPlan(deps, context), result, at));
  await postWriteBack(deps, order, result);
  await postOutcome(deps, order);
  return null;
}
