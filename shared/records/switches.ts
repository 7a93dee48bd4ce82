import * as z from 'zod';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

const Switch = z.object({ on: z.boolean(), by: z.string(), at: z.string(), why: z.string() });
type Switch = z.infer<typeof Switch>;
/** A playbook may be called `all`: its switch is another one. */
const idOf = (playbook: string | undefined): string => (playbook === undefined ? 'all' : `playbook:${playbook}`);

async function isOn(records: Records, name: string): Promise<boolean> {
  const stored = await records.read('switch', name);
  return stored !== undefined && Switch.parse(stored.body).on;
}

/** Whether changes are stopped, for everything or for one playbook. Read fresh before every change. */
export const killed = async (records: Records, playbook: string): Promise<boolean> =>
  (await Promise.all([undefined, playbook].map((one) => isOn(records, idOf(one))))).includes(true);

/** Turns the kill switch on or off; `playbook` limits it to one. */
export async function setKillSwitch(
  { records, clock }: { readonly records: Records; readonly clock: Clock },
  wanted: { readonly on: boolean; readonly by: string; readonly why: string; readonly playbook?: string },
): Promise<void> {
  const { playbook, ...rest } = wanted;
  const id = idOf(playbook);
  const body = Json.parse({ ...rest, at: clock.now() } satisfies Switch);
  const draft = { kind: 'switch', id, body } as const;
  while (!(await records.create(draft))) {
    const stored = await records.read('switch', id);
    if (stored && (await records.replace(draft, stored.version))) return;
  }
}
