import { bold, dim, green, red } from '../../../shared/cli/style.ts';
import { asTyped } from '../../../shared/cli/show-inbox.ts';
import { ensure } from '../../../shared/guard/rights.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { nearest } from '../../../shared/model/nearest.ts';
import type { SwitchScope } from '../../../shared/records/switches.ts';
import { halt as stop, resume as goOn, resumeCommand, scopeText } from '../../../shared/run/halt.ts';
import type { Desk } from '../desk.ts';
import { carried, codeOf } from '../finish.ts';
import { runLines } from '../../../shared/cli/show-run.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type AtDesk, type Common, personAt, remembering } from '../person.ts';
import { runNamed } from '../run-named.ts';

export type Switching = Common & {
  readonly playbook?: string;
  readonly all: boolean;
  readonly why: string;
  readonly as?: string;
};

/** What is to be halted or resumed: exactly one of a run, a playbook and all. Throws `InvalidInput`. */
export function scopeNamed(
  run: string | undefined,
  { playbook, all }: Pick<Switching, 'playbook' | 'all'>,
): SwitchScope {
  if ([run !== undefined, playbook !== undefined, all].filter(Boolean).length !== 1)
    throw new InvalidInput({
      code: 'which-one',
      message: 'it is not clear what is meant',
      remedy: 'Name one run, or a playbook with --playbook, or everything with --all.',
    });
  return { ...(run !== undefined && { run }), ...(playbook !== undefined && { playbook }) };
}

/** The same, where somebody may have it. */
async function scopeOf(
  desk: Desk,
  { caller }: AtDesk,
  named: string | undefined,
  options: Switching,
): Promise<SwitchScope> {
  const { run, playbook } = scopeNamed(named, options);
  if (run !== undefined) return { run: (await runNamed(desk, caller, 'run', run)).order.id };
  if (playbook === undefined) {
    ensure(caller, 'run', { account: '*', playbook: '*' });
    return {};
  }
  const known = (await desk.playbooks()).map(({ id }) => id);
  if (!known.includes(playbook))
    throw new InvalidInput({
      code: 'no-such-playbook',
      message: `there is no playbook ${playbook}`,
      remedy: nearest(playbook, known),
    });
  ensure(caller, 'run', { account: '*', playbook });
  return { playbook };
}

/** Stops changes at once. */
export async function halt(desk: Desk, run: string | undefined, options: Switching): Promise<ExitCode> {
  const person = personAt(desk, options.as);
  const scope = await scopeOf(desk, person, run, options);
  await stop(desk.deps, scope, person.id, options.why);
  print(options.json, { on: true, scope: scopeText(scope), by: person.id, why: options.why }, () => [
    `${red('halted')} ${bold(scopeText(scope))}  ${dim('nothing changes until it is resumed; runs wait for a day')}`,
    `  ${dim('$')} ${asTyped(resumeCommand(scope))}`,
  ]);
  return exit.done;
}

/** Lets changes go on, and carries on the runs that were held back. */
export async function resume(desk: Desk, run: string | undefined, options: Switching): Promise<ExitCode> {
  const person = personAt(desk, options.as);
  const scope = await scopeOf(desk, person, run, options);
  const { starter } = remembering();
  const { started, stillOn } = await goOn({ ...desk.deps, starter }, scope, person.id, options.why);
  const states = await carried(desk, started);
  print(options.json, { on: false, scope: scopeText(scope), by: person.id, stillOn, runs: states }, () => [
    `${green('resumed')} ${bold(scopeText(scope))}  ${dim(stillOn.length > 0 ? `still halted: ${stillOn.join(', ')}` : 'no kill switch is on')}`,
    ...states.flatMap(runLines),
  ]);
  return codeOf(states);
}
