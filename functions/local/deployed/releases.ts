import { asTyped } from '../../../shared/cli/show-inbox.ts';
import { manyLines } from '../../../shared/cli/show-contained.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { columns, dim, green, inert, yellow } from '../../../shared/cli/style.ts';
import { type Releasing, which } from '../commands/releases.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, exit, print, WrongUsage } from '../output.ts';
import { completed } from '../person.ts';
import { Contained, ManyBack, Opened, Runs, WayBack } from './answers.ts';

const wrong = (code: string, message: string, remedy: string) => new WrongUsage({ code, message, remedy });
const goesOn = (run: string): string => `  ${dim('$')} ${asTyped(`cordon runs ${run}`)}`;

/** The whole id of a containment, of which people may write the first characters. */
async function containmentNamed(deployment: Deployment, given: string): Promise<string> {
  const { containments } = await deployment.ask(Contained, { path: '/containments' });
  const found = containments.filter(({ id }) => id === given || (given.length >= 6 && id.startsWith(given)));
  const [one, ...more] = found;
  if (one && more.length === 0) return one.id;
  throw wrong('no-such-containment', `nothing is cut off under ${given}`, 'List it with `cordon contained`.');
}

async function releaseOne(deployment: Deployment, runId: string, options: Releasing): Promise<ExitCode> {
  const { enforce, json, digest, reactivateCredentials, only } = options;
  const path = `/runs/${encodeURIComponent(runId)}/release`;
  const part = only === undefined ? {} : { only: await containmentNamed(deployment, only) };
  const wish = { reactivateCredentials, ...part };
  const { plan } = await deployment.ask(WayBack, { method: 'POST', path, body: { ...wish, mode: 'dry-run' } });
  if (!enforce) {
    print(json, plan, () => [...planLines(plan), '', dim('Nothing was changed. Take it back with --enforce.')]);
    return exit.done;
  }
  const agreed = digest === undefined ? plan.digest : completed(digest, plan.digest);
  const body = { ...wish, mode: 'enforce', digest: agreed };
  const { runs } = await deployment.ask(Runs, { method: 'POST', path, body });
  const changes = runs.every(({ mode }) => mode === 'enforce');
  print(json, runs, () =>
    runs.flatMap(({ id }) => [
      `${green('asked for')} the release of ${inert(runId)} ${dim(`at ${inert(deployment.url)}: run ${id}`)}`,
      ...(changes ? [] : [yellow('  its stage changes nothing: this is a dry-run')]),
      goesOn(id),
    ]),
  );
  return changes ? exit.done : exit.stopped;
}

async function releaseMany(deployment: Deployment, options: Releasing): Promise<ExitCode> {
  const { json, digest, enforce, reactivateCredentials, playbook, since, account } = options;
  const filter = {
    ...(playbook !== undefined && { playbook }),
    ...(since !== undefined && { since }),
    ...(account !== undefined && { account }),
  };
  const wish = { ...filter, reactivateCredentials };
  const route = { method: 'POST', path: '/releases' } as const;
  if (digest === undefined) {
    if (enforce)
      throw wrong('digest-needed', 'a bulk release names the plan it agrees to', 'Leave --enforce out first.');
    const many = await deployment.ask(ManyBack, { ...route, body: { ...wish, mode: 'dry-run' } });
    const next =
      many.runs.length === 0 ? [] : ['', dim(`Nothing was changed. Take them back with --digest ${many.digest}`)];
    print(json, many, () => [...manyLines(many), ...next]);
    return exit.done;
  }
  const { releases } = await deployment.ask(Opened, { ...route, body: { ...wish, mode: 'enforce', digest } });
  print(json, releases, () => [
    ...columns(releases.map(({ run, release, startsAt }) => [run, `release ${release}`, dim(`starts ${startsAt}`)])),
    dim(`They go on at ${inert(deployment.url)}.`),
  ]);
  return exit.done;
}

/** Takes one run of a deployment back, or all that fit at once; shows how first. */
export async function release(
  deployment: Deployment,
  runId: string | undefined,
  options: Releasing,
): Promise<ExitCode> {
  if (options.asCommands)
    throw wrong(
      'not-there',
      'a deployment does not print commands',
      'Leave --as-commands out; the plan names every change.',
    );
  const named = which(runId, options);
  return named === undefined ? releaseMany(deployment, options) : releaseOne(deployment, named, options);
}
