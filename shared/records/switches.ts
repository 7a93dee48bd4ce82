import * as z from 'zod';
import { Json } from '../model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

/** What a switch stops: everything, one playbook, or one run. */
export type SwitchScope = { readonly playbook?: string; readonly run?: string };

export const Switch = z.object({
  on: z.boolean(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
  scope: z.string().default('all'),
});
export type Switch = z.infer<typeof Switch>;

/** A playbook may be called `all`: its switch is another one. */
const idOf = ({ playbook, run }: SwitchScope): string => {
  if (run !== undefined) return `run:${run}`;
  return playbook === undefined ? 'all' : `playbook:${playbook}`;
};

async function isOn(records: Records, scope: SwitchScope): Promise<boolean> {
  const stored = await records.read('switch', idOf(scope));
  return stored !== undefined && Switch.parse(stored.body).on;
}

/** Whether changes are stopped: for everything, for a playbook, or for one run. Read fresh before every change. */
export const killed = async (records: Records, playbook: string, run?: string): Promise<boolean> => {
  const scopes: readonly SwitchScope[] = [{}, { playbook }, ...(run === undefined ? [] : [{ run }])];
  return (await Promise.all(scopes.map((scope) => isOn(records, scope)))).includes(true);
};

/** Turns the kill switch on or off, for what its scope names. */
export async function setKillSwitch(
  { records, clock }: { readonly records: Records; readonly clock: Clock },
  wanted: SwitchScope & { readonly on: boolean; readonly by: string; readonly why: string },
): Promise<void> {
  const { playbook, run, ...rest } = wanted;
  const id = idOf({ ...(playbook !== undefined && { playbook }), ...(run !== undefined && { run }) });
  const body = Json.parse({ ...rest, scope: id, at: clock.now() } satisfies Switch);
  const draft = { kind: 'switch', id, group: rest.on ? 'on' : 'off', body } as const;
  while (!(await records.create(draft))) {
    const stored = await records.read('switch', id);
    if (stored && (await records.replace(draft, stored.version))) return;
  }
}

/** The switches that are on. */
export const switchesOn = async ({ records }: { readonly records: Records }): Promise<readonly Switch[]> =>
  (await records.list('switch', 'on')).map(({ body }) => Switch.parse(body));
