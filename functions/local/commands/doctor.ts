import { bold, dim, firstLine, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { fromEnvironment, secretsBy } from '../../../shared/adapters/system/secrets.ts';
import { AwsRegion } from '../../../shared/model/identifiers.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { examine, type Patient } from '../../doctor/doctor.ts';
import type { Examined, Mark } from '../../../shared/model/examined.ts';
import { deployedRecords, realSecrets } from '../../doctor/wire.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, notice, print } from '../output.ts';
import type { Common } from '../person.ts';

export type Examining = Common & { readonly region?: readonly string[] };

const signs: Readonly<Record<Mark, string>> = { ok: green('✓'), warning: yellow('!'), missing: red('✗') };

/** What was examined, part by part. */
export function* examinedLines(all: readonly Examined[]): Generator<string> {
  let part = '';
  for (const one of all) {
    if (one.part !== part) yield* [...(part === '' ? [] : ['']), bold(one.part)];
    part = one.part;
    yield `  ${signs[one.mark]} ${inert(firstLine(one.what))}`;
    if (one.remedy !== undefined) yield `    ${dim(inert(one.remedy))}`;
  }
  const count = (mark: Mark): number => all.filter((one) => one.mark === mark).length;
  yield '';
  yield `${count('ok')} good, ${count('warning')} to look at, ${count('missing')} missing.`;
}

/** The regions in which sources are looked for: those named, those of the settings, or this machine's. Throws `InvalidInput`. */
function regionsOf({ region }: Examining, { aws }: Settings, environment: NodeJS.ProcessEnv): Patient['regions'] {
  const own = aws.regions.length > 0 ? aws.regions : [environment['AWS_REGION'] ?? 'eu-west-1'];
  const [first = 'eu-west-1', ...more] = region ?? own;
  for (const one of [first, ...more])
    if (!AwsRegion.safeParse(one).success)
      throw new InvalidInput({ code: 'bad-region', message: `${one} is no AWS region`, remedy: 'Say eu-west-1.' });
  return [first, ...more];
}

/** 1 where something is missing. */
export const codeFor = (all: readonly Examined[]): ExitCode =>
  all.some(({ mark }) => mark === 'missing') ? exit.failed : exit.done;

/** One line on a terminal that is written over; nothing elsewhere. */
export function progress(json: boolean) {
  const { stderr } = process;
  if (json || !stderr.isTTY) return { hear: () => undefined, done: () => undefined };
  return {
    hear: (about: string, at: number, of: number) => void stderr.write(`\r\u001B[K${dim(`${at}/${of} ${about}`)}`),
    done: () => void stderr.write('\r\u001B[K'),
  };
}

const asThisMachine =
  'Examined with the credentials of this machine, not with those of a deployment: have one examine itself with --deployment.';

/** Checks a deployment and names exactly what is missing. Changes nothing; 1 where something is missing. */
export async function doctor(desk: Desk, options: Examining): Promise<ExitCode> {
  const { settings, clock, sandbox, deps } = desk;
  const playbooks = await desk.playbooks();
  const { env } = process;
  const { hear, done } = progress(options.json);
  const real = !sandbox;
  if (real) notice(options.json, asThisMachine);
  const patient: Patient = {
    ...{ settings, playbooks, clock },
    ...{ actions: deps.actions, clouds: deps.clouds },
    records: (real && (await deployedRecords(env))) || deps.records,
    secrets: real ? realSecrets(env) : secretsBy({ env: fromEnvironment(env) }, clock),
    signingKeys: env['CORDON_SIGNING_KEYS'],
    regions: regionsOf(options, settings, env),
    writers: 'here',
  };
  const all = await examine(patient, hear).finally(done);
  print(options.json, all, () => [...examinedLines(all)]);
  return codeFor(all);
}
