import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';

type Deps = { readonly records: Records; readonly clock: Clock };

const hourOf = (instant: string): string => instant.slice(0, 13);
type Scopes = { readonly playbook: string; readonly account: string };
const group = (kind: keyof Scopes, scopes: Scopes, hour: string): string => `${kind}:${scopes[kind]}:${hour}`;

/** How many other runs acted this hour, for one playbook and in one account. */
export async function actedThisHour(
  { records, clock }: Deps,
  runId: string,
  scopes: Scopes,
): Promise<{ readonly playbook: number; readonly account: number }> {
  const hour = hourOf(clock.now());
  const count = async (kind: keyof Scopes): Promise<number> =>
    (await records.list('budget', group(kind, scopes, hour))).filter(({ id }) => !id.endsWith(`:${runId}`)).length;
  const [playbook, account] = await Promise.all([count('playbook'), count('account')]);
  return { playbook, account };
}

/** Counts a run that is about to act; counting it twice counts it once. */
export async function spend({ records, clock }: Deps, runId: string, scopes: Scopes): Promise<void> {
  const hour = hourOf(clock.now());
  await Promise.all(
    (['playbook', 'account'] as const).map((kind) => {
      const hourly = group(kind, scopes, hour);
      return records.create({ kind: 'budget', id: `${hourly}:${runId}`, group: hourly, body: null });
    }),
  );
}
