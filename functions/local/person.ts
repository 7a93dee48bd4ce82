import { userInfo } from 'node:os';
import { type Caller, callerOf } from '../../shared/guard/rights.ts';
import { Person } from '../../shared/config/settings.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { nearest } from '../../shared/model/nearest.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import type { Desk } from './desk.ts';

/** What every command is told. */
export type Common = { readonly json: boolean };

/** Who is at this machine, or says so. */
export const me = (as?: string) => ({ kind: 'person', id: as ?? userInfo().username }) as const;

/** Somebody at this machine: what they may do, and Cordon as it knows them. */
export type AtDesk = {
  readonly id: string;
  readonly requester: ReturnType<typeof me>;
  readonly caller: Caller;
  readonly deps: RunDeps;
};

/**
 * Who gives a command. Where the settings name no people, and in the sandbox company, whoever is at this machine may do
 * everything; where they do, only those they name. Throws `InvalidInput`.
 */
export function personAt({ deps, sandbox }: Pick<Desk, 'deps' | 'sandbox'>, as?: string): AtDesk {
  const requester = me(as);
  const { id } = requester;
  const { people } = deps.settings;
  const open = people.length === 0 || (sandbox !== undefined && as === undefined);
  const known = people.some((one) => one.id === id);
  if (!known && !open)
    throw new InvalidInput({
      code: 'unknown-person',
      message: `the settings do not name ${id} among their people`,
      remedy: `Say who you are with --as. ${nearest(
        id,
        people.map((one) => one.id),
      )}`.trim(),
    });
  if (known) return { id, requester, caller: callerOf(deps.settings, id), deps };
  const local = Person.parse({ id, roles: ['responder', 'approver'] });
  const settings = { ...deps.settings, people: [...people, local] };
  return { id, requester, caller: callerOf(settings, id), deps: { ...deps, settings } };
}

/** Remembers which runs were to be started, for a command that carries them on by itself. */
export function remembering() {
  const started: string[] = [];
  const start = async (runId: string): Promise<void> => void (started.includes(runId) || started.push(runId));
  return { started, starter: { start } };
}

/** People may name a digest by its first characters. */
export const completed = (given: string, digest: string): string =>
  given.length >= 12 && digest.startsWith(given) ? digest : given;
