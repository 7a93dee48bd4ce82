import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { FindingProgress } from '../model/finding-progress.ts';
import type { OutboxItem, Send } from '../records/outbox.ts';
import type { RunDeps } from '../run/deps.ts';
import { readRun } from '../run/turn.ts';
import { writesBack } from '../run/write-back.ts';
import { writeBackBound } from './write-back-rights.ts';

const Body = z.object({ run: z.string(), progress: FindingProgress });

type SendDeps = Pick<RunDeps, 'records' | 'clouds' | 'settings'> & { readonly signal: AbortSignal };

/**
 * Delivers one such message: a writer that may do nothing else tells the finding's own system. Resolves to what became
 * of it and the provider's last answer, as `told SecurityHub:BatchUpdateFindings req-1`. A fault is the message's, never
 * the run's.
 */
export const sendWriteBack =
  ({ records, clouds, settings, signal }: SendDeps): Send =>
  async (item: OutboxItem): Promise<string> => {
    const { run, progress } = Body.parse(item.body);
    // the stage may have been changed since it was posted
    if (!writesBack(settings)) return 'off';
    const state = await readRun(records, run);
    if (!state) throw new CordonError({ code: 'no-such-run', message: `there is no run ${run}` });
    const { finding } = state.order;
    const session = await clouds.session({
      cloud: finding.cloud,
      account: finding.account,
      region: finding.region,
      rights: 'writer',
      runId: run,
      signal,
      bound: writeBackBound(finding, progress, settings.aws.partition),
    });
    const reported = await clouds.report(session, finding, progress);
    const last = session.calls.at(-1);
    return last ? `${reported} ${last.operation} ${last.requestId}` : reported;
  };
