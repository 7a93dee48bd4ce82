import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

const hourOf = (instant: string): string => instant.slice(0, 13);
const group = (scope: string, hour: string): string => `${scope}:${hour}`;

/** How many other runs acted this hour, for one playbook and in one account. */
export async function actedThisHour(
  { records, clock }: Deps,
  runId: string,
  scopes: { readonly playbook: string; readonly account: string },
): Promise<{ readonly playbook: number; readonly account: number }> {
  const hour = hourOf(clock.now());
  const count = async (scope: string): Promise<number> =>
    (await records.list('budget', group(scope, hour))).filter(({ id }) => !id.endsWith(`:${runId}`)).length;
  const [playbook, account] = await Promise.all([count(scopes.playbook), count(scopes.account)]);
  return { playbook, account };
}

/** Counts a run that is about to act; counting it twice counts it once. */
export async function spend(
  { records, clock }: Deps,
  runId: string,
  scopes: { readonly playbook: string; readonly account: string },
): Promise<void> {
  const hour = hourOf(clock.now());
  await Promise.all(
    [scopes.playbook, scopes.account].map((scope) =>
      records.create({ kind: 'budget', id: `${scope}:${hour}:${runId}`, group: group(scope, hour), body: null }),
    ),
  );
}
