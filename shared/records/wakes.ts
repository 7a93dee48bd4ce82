import * as z from 'zod';
import type { Records } from '../ports/records.ts';

/** Where a host waits for a run: the one who wakes it finds here whom to call. It says nothing about the run itself. */
export const Wake = z.object({
  /** Names the wait; completing it ends it early. */
  callback: z.string(),
  /** Names what carries the run on. */
  execution: z.string(),
});
export type Wake = z.infer<typeof Wake>;

type Deps = { readonly records: Records };

/** Where the run is waited for; undefined when it never was. */
export async function readWake({ records }: Deps, runId: string): Promise<Wake | undefined> {
  const stored = await records.read('wake', runId);
  return stored && Wake.parse(stored.body);
}

/** Says where the run is waited for now; the last one counts. */
export async function leaveWake({ records }: Deps, runId: string, wake: Wake): Promise<void> {
  const draft = { kind: 'wake', id: runId, body: wake } as const;
  if (await records.create(draft)) return;
  const stored = await records.read('wake', runId);
  if (!stored || !(await records.replace(draft, stored.version))) await leaveWake({ records }, runId, wake);
}
