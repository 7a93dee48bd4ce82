import type { Command } from 'commander';
import { findSettings } from '../find-settings.ts';
import type { Environment } from '../environment.ts';
import { type Deployment, deploymentAt } from './deployment.ts';
import type { Desk } from './desk.ts';
import { type ExitCode, notice, WrongUsage } from './output.ts';

/** What every command is told. */
export type Global = {
  readonly json: boolean;
  readonly playbooks: readonly string[];
  readonly config?: string;
  readonly stage?: string;
  readonly state: string;
  readonly sandbox: boolean;
  readonly deployment?: string;
  readonly as?: string;
};

/** How a command stands to deployments. */
export type Elsewhere = {
  /** The same, asked of a deployment over its HTTP API. */
  readonly there?: (deployment: Deployment) => Promise<ExitCode>;
  /** It stops, answers or takes back: with real settings it is refused unless it is said where. */
  readonly decides?: boolean;
  /** It says itself what it looks at. */
  readonly speaks?: boolean;
};

/** Where the deployment is that is meant, for whoever types it rather than says it with every command. */
const deploymentVariable = 'CORDON_DEPLOYMENT';

const wrong = (message: string, remedy: string) => new WrongUsage({ code: 'which-deployment', message, remedy });

/** The deployment that is meant; `local` is this machine's own store. */
function placeOf({ sandbox, deployment }: Global, environment: Environment): string | undefined {
  if (!sandbox) return deployment ?? (environment[deploymentVariable] || undefined);
  if (deployment === undefined) return 'local';
  throw wrong('the sandbox company is no deployment', 'Leave out --sandbox or --deployment.');
}

/** A deployment knows people by what they prove, not by what they say. */
function ensureNobodySaid({ as }: Global): void {
  if (as !== undefined)
    throw wrong('a deployment knows you by your credentials', 'Leave --as out, and sign in as who you are.');
}

const nowhere = (command: Command, state: string) =>
  wrong(
    `cordon ${command.name()} would reach this machine's own store alone, in ${state}, and no deployment`,
    `Say which with --deployment https://… or ${deploymentVariable}: the address of its HTTP API. For runs kept here: --deployment local.`,
  );

const notThere = (command: Command) =>
  wrong(
    `a deployment cannot be asked for cordon ${command.name()}`,
    'What it has done shows with `cordon runs <run>`, `status` and `contained`; leave --deployment out to work on this machine.',
  );

/** What somebody has to know before they take the answer for that of a deployment. */
function noteFor({ state }: Global, { sandbox }: Desk, place: string | undefined): string | undefined {
  if (sandbox) return `This is the sandbox company Northwind, kept in ${state}; nothing real is touched.`;
  if (place === 'local') return undefined;
  const instead = place === undefined ? '' : ` (${place} cannot be asked for this)`;
  return `The records are this machine's own, in ${state}: no deployment is asked or touched${instead}.`;
}

/** Does the work of a command: at the deployment that is meant, or here, with the store and clouds of this machine. */
export async function atDesk(
  command: Command,
  here: (desk: Desk) => Promise<ExitCode>,
  { there, decides = false, speaks = false }: Elsewhere = {},
): Promise<ExitCode> {
  const options = command.optsWithGlobals<Global>();
  const { config, stage, state, sandbox, playbooks } = options;
  const place = placeOf(options, process.env);
  if (place !== undefined && place !== 'local') {
    if (there) {
      ensureNobodySaid(options);
      return there(deploymentAt(place, process.env));
    }
    if (options.deployment !== undefined) throw notThere(command);
  }
  if (decides && place === undefined && (await findSettings(config, process.env)).text !== undefined)
    throw nowhere(command, state);
  const { openDesk } = await import('./desk.ts');
  const named = { ...(config !== undefined && { config }), ...(stage !== undefined && { stage }) };
  const desk = await openDesk({ ...named, state, playbooks, sandbox });
  const note = speaks && !desk.sandbox ? undefined : noteFor(options, desk, place);
  if (note !== undefined) notice(options.json, note);
  try {
    return await here(desk);
  } finally {
    await desk.close();
  }
}
