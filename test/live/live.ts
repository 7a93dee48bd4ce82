import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import * as z from 'zod';
import type { Whereabouts } from '../../shared/run/canary.ts';
import { type Desk, openDesk } from '../../functions/local/desk.ts';
import { type DrillReport, drillFor, planDrill, runDrill } from '../../shared/run/drill.ts';
import { carried } from '../../functions/local/finish.ts';
import { personAt } from '../../functions/local/person.ts';
import { CordonError, InvalidInput, messageOf } from '../../shared/model/error.ts';
import { parseArmId, parseArn } from '../../shared/model/identifiers.ts';
import { Json } from '../../shared/model/json.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readYaml } from '../../shared/playbook/yaml.ts';

/** The canaries of a throw-away account: what each action is tried on, and its inputs beside those the target gives. */
export const Canaries = z.strictObject({
  canaries: z
    .array(
      z.strictObject({
        action: z.string().min(1),
        /** An ARN, an access key, `i-…`, `sg-…` or an ARM id. */
        target: z.string().min(1),
        region: z.string().optional(),
        with: z.record(z.string(), Json).default({}),
      }),
    )
    .min(1),
});
type Canary = z.infer<typeof Canaries>['canaries'][number];

/** What the life of one action came to in a real account. */
export type Life = {
  readonly action: string;
  readonly result: 'proven' | 'failed' | 'no-canary';
  readonly detail: string;
  /** What each part came to, and how long it took. */
  readonly stages: readonly { readonly name: string; readonly outcome: string; readonly seconds: number }[];
};

const flag = '--yes-this-account-may-be-changed';
const refuse = (message: string, remedy: string) => new InvalidInput({ code: 'not-this-account', message, remedy });

/** The account of the credentials, as STS says. Throws `InvalidInput` where it is not the one that may be changed. */
export async function allowedAccount(given: string | undefined, config: STSClientConfig): Promise<string> {
  if (!given || !/^\d{12}$/.test(given))
    throw refuse('nobody has said which account may be changed', `Give ${flag} <its twelve digits>.`);
  const sts = new STSClient({ maxAttempts: 1, ...config });
  const { Account } = await sts.send(new GetCallerIdentityCommand(), { abortSignal: AbortSignal.timeout(10_000) });
  if (Account === given) return given;
  throw refuse(
    `the credentials are of account ${Account}, not of ${given}`,
    'Use the profile of the account you mean.',
  );
}

const failed = (action: string, detail: string): Life => ({ action, result: 'failed', detail, stages: [] });

function lifeOf(action: string, { stages, refused, restored, waitsFor }: DrillReport): Life {
  const parts = stages.map(({ name, run, seconds }) => ({ name, outcome: run.result?.outcome ?? run.status, seconds }));
  const [contained, released] = parts.map(({ outcome }) => outcome);
  const whole = contained === 'contained' && (released === undefined || released === 'released') && restored;
  const detail = [
    ...refused.map((call) => `a right is missing: ${call}`),
    ...(restored ? [] : ['the canary is not as it was']),
    ...(waitsFor === null ? [] : [`run ${waitsFor} waits for a person`]),
  ].join('; ');
  return { action, result: whole ? 'proven' : 'failed', detail, stages: parts };
}

/** What may be changed: one account, and one subscription where that is named as well. */
export type Allowed = { readonly account: string; readonly subscription?: string };

/** Where a canary is looked for. Throws `InvalidInput` where that may not be changed. */
function placeOf(named: string, region: string | undefined, { account, subscription }: Allowed): Whereabouts {
  const own = parseArmId(named)?.subscription ?? (parseArn(named)?.account || account);
  if (own !== account && own !== subscription)
    throw refuse(
      `${named} is in ${own}, which may not be changed`,
      'Only canaries of the account you named are tried.',
    );
  return { account: own, ...(region !== undefined && { region }) };
}

/** Plans, contains, verifies and releases one canary by the real road. What goes wrong is a result. */
async function live(
  desk: Desk,
  allowed: Allowed,
  { action, target: named, region, with: given }: Canary,
): Promise<Life> {
  try {
    const { id: person, deps } = personAt(desk);
    const signal = AbortSignal.timeout(600_000);
    const wish = { ...placeOf(named, region, allowed), action, target: named, with: given };
    const drill = await drillFor(deps, [], wish, person, signal);
    const carry = async (runId: string): Promise<RunState> => {
      const [state] = await carried(desk, [runId]);
      if (state) return state;
      throw new TypeError(`there is no run ${runId}`);
    };
    return lifeOf(action, await runDrill(deps, drill, await planDrill(deps, drill, signal), carry, signal));
  } catch (thrown) {
    return failed(action, thrown instanceof CordonError ? thrown.describe() : messageOf(thrown));
  }
}

/** The life of every action that has a canary, one after the other; the others are named as not tried. */
export async function liveAll(desk: Desk, allowed: Allowed, canaries: readonly Canary[]): Promise<readonly Life[]> {
  const known = Object.keys(desk.deps.actions);
  const unknown = canaries.filter(({ action }) => !known.includes(action));
  if (unknown.length > 0)
    throw new InvalidInput({
      code: 'unknown-action',
      message: `there is no action ${unknown.map(({ action }) => action).join(', ')}`,
      remedy: 'shared/reference/actions.md lists them.',
    });
  const lives: Life[] = [];
  for (const canary of canaries) lives.push(await live(desk, allowed, canary));
  const untried = known.filter((id) => !canaries.some(({ action }) => action === id));
  const none = { result: 'no-canary', detail: '', stages: [] } as const;
  return [...lives, ...untried.map((action) => ({ action, ...none }))];
}

const options = {
  profile: { type: 'string' },
  'yes-this-account-may-be-changed': { type: 'string' },
  'and-this-subscription': { type: 'string' },
  canaries: { type: 'string', default: 'live.yaml' },
  config: { type: 'string', default: 'cordon.yaml' },
  results: { type: 'string', default: 'live-results.json' },
  help: { type: 'boolean', default: false },
} as const;

const usage = `Takes every action that has a canary through its life in a throw-away account, and writes down what came of it.

  npm run live -- --profile <name> ${flag} <its twelve digits>

  --profile    a profile of AWS whose role the account's CordonReader and CordonWriter let in
  --and-this-subscription <id>
               canaries of this subscription too
  --canaries   which canaries there are, as test/live/live.example.yaml; live.yaml when left out
  --config     settings whose stage says enforce; cordon.yaml when left out
  --results    where it writes; live-results.json when left out`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(usage);
  if (values.profile !== undefined) process.env['AWS_PROFILE'] = values.profile; // the SDK's own chain reads it, everywhere
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  const account = await allowedAccount(values[flag.slice(2) as 'yes-this-account-may-be-changed'], { region }); // the same word
  const { canaries } = Canaries.parse(readYaml(await readFile(values.canaries, 'utf8'), values.canaries).value);
  const desk = await openDesk({ config: values.config, state: '.cordon-live', playbooks: [] });
  try {
    if (desk.sandbox) throw refuse(`there is no ${values.config}`, 'Name the settings of the account with --config.');
    const subscription = values['and-this-subscription'];
    const lives = await liveAll(desk, { account, ...(subscription !== undefined && { subscription }) }, canaries);
    const at = new Date().toISOString();
    await writeFile(values.results, `${JSON.stringify({ at, account, lives }, null, 2)}\n`);
    for (const { action, result, detail } of lives) console.log(`${result.padEnd(9)} ${action} ${detail}`.trimEnd());
    if (lives.some(({ result }) => result === 'failed')) process.exitCode = 1;
  } finally {
    await desk.close();
  }
}

if (import.meta.main)
  try {
    await main();
  } catch (thrown) {
    console.error(thrown instanceof CordonError ? thrown.describe() : messageOf(thrown));
    process.exitCode = 2;
  }
