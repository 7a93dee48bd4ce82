import { asTyped } from '../../../shared/cli/show-inbox.ts';
import { bold, dim, green, inert, red } from '../../../shared/cli/style.ts';
import { resumeCommand, scopeText } from '../../../shared/run/halt.ts';
import type { Closing } from '../commands/breakers.ts';
import { scopeNamed, type Switching } from '../commands/halt.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { Closed, Halted, Resumed } from './answers.ts';

const at = ({ url }: Deployment): string => `${dim('at')} ${inert(url)}`;

/** Stops changes of a deployment at once; what is printed, the deployment has said. */
export async function halt(deployment: Deployment, run: string | undefined, options: Switching): Promise<ExitCode> {
  const scope = scopeNamed(run, options);
  const body = { on: true, why: options.why, ...scope };
  const { by, why } = await deployment.ask(Halted, { method: 'PUT', path: '/kill-switch', body });
  print(options.json, { on: true, scope: scopeText(scope), by, why, deployment: deployment.url }, () => [
    `${red('halted')} ${bold(scopeText(scope))} ${at(deployment)}  ${dim(`by ${inert(by)}; nothing changes until it is resumed; runs wait for a day`)}`,
    `  ${dim('$')} ${asTyped(resumeCommand(scope))}`,
  ]);
  return exit.done;
}

/** Lets changes of a deployment go on. */
export async function resume(deployment: Deployment, run: string | undefined, options: Switching): Promise<ExitCode> {
  const scope = scopeNamed(run, options);
  const body = { on: false, why: options.why, ...scope };
  const said = await deployment.ask(Resumed, { method: 'PUT', path: '/kill-switch', body });
  const still = said.stillOn.length > 0 ? `still halted: ${said.stillOn.join(', ')}` : 'no kill switch is on';
  print(options.json, { ...said, scope: scopeText(scope), deployment: deployment.url }, () => [
    `${green('resumed')} ${bold(scopeText(scope))} ${at(deployment)}  ${dim(inert(still))}`,
    ...said.started.map((id) => `  ${dim('goes on')} ${inert(id)}`),
  ]);
  return exit.done;
}

/** Closes a circuit breaker of a deployment. */
export async function close(deployment: Deployment, scope: string, { json, why }: Closing): Promise<ExitCode> {
  const path = `/breakers/${encodeURIComponent(scope)}/close`;
  const said = await deployment.ask(Closed, { method: 'POST', path, body: { why } });
  print(json, { ...said, why, deployment: deployment.url }, () => [
    `${green('closed')} the breaker for ${bold(inert(scope))} ${at(deployment)}  ${dim('limits count on; it opens again when they are passed')}`,
  ]);
  return exit.done;
}
