import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { messageOf } from '../../shared/model/error.ts';
import { packaged } from '../support/packaged.ts';

/**
 * Holds the templates of the deployment in AWS against cfn-lint: the stack of both stages, and of one that hands its
 * events on, as `serverless package` makes it, and the templates for other accounts. Not part of `npm test`: it installs cfn-lint from PyPI into a temporary
 * folder, and is skipped where it cannot.
 */
const run = promisify(execFile);
const version = '1.58.0';
const minutes = 60_000;

/** What cfn-lint says that is no mistake here, and why. */
const accepted: Readonly<Record<string, string>> = {
  W3005: 'the framework writes DependsOn beside a reference to the same resource',
  W8003: 'conditions compare parameters of serverless.yml, which are filled in when it is packaged',
};

/** Set so that no condition is decided one way only by what is left out. */
const everything = {
  ...{ evidenceBucket: 'cordon-evidence-222233334444-staging', organizationId: 'o-northwind01' },
  ...{ jwtIssuer: 'https://login.microsoftonline.com/common/v2.0', jwtAudience: 'api://cordon' },
};
/** Where the home is in Azure. */
const handingOn = {
  azureHomeClientId: 'b0000000-0000-4000-8000-000000000003',
  azureTenant: 'b0000000-0000-4000-8000-0000000000ff',
  forwardTo: 'event-topic:https://cordon.westeurope-1.eventgrid.azure.net/api/events',
};

const Found = z.array(
  z.object({
    Filename: z.string(),
    Level: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullable() }),
  }),
);
type Found = z.infer<typeof Found>;

/** Installs cfn-lint; undefined, with a word why, where it cannot. */
async function install(folder: string): Promise<string | undefined> {
  const python = join(folder, 'python/bin/python');
  const quiet = ['--quiet', '--no-input', '--retries', '1', '--timeout', '20', '--disable-pip-version-check'];
  try {
    await run('python3', ['-m', 'venv', join(folder, 'python')], { timeout: 2 * minutes });
    await run(python, ['-m', 'pip', 'install', ...quiet, `cfn-lint==${version}`], { timeout: 5 * minutes });
    return join(folder, 'python/bin/cfn-lint');
  } catch (thrown) {
    const [why = ''] = messageOf(thrown).split('\n').slice(-2);
    console.log(`skipped: cfn-lint ${version} could not be installed from PyPI (${why.slice(0, 200)})`);
    return undefined;
  }
}

/** Writes the packaged templates beside those of the project; answers with the paths of all of them. */
async function templates(folder: string): Promise<readonly string[]> {
  const deploy = fileURLToPath(new URL('../../functions/aws/deploy/', import.meta.url));
  const parts = ['alarms.yml', 'roles.yml', 'event-patterns.yml', 'cluster-access.yml']; // included by serverless.yml, and no CloudFormation
  const others = (await readdir(deploy)).filter((name) => name.endsWith('.yml') && !parts.includes(name));
  const stacks = [
    ['staging', 'staging', everything],
    ['production', 'production', {}],
    ['hands-on', 'production', handingOn],
  ] as const;
  const made = stacks.map(async ([name, stage, params]) => {
    const path = join(folder, `${name}.json`);
    await writeFile(path, JSON.stringify(await packaged(stage, params), null, 2));
    return path;
  });
  return [...(await Promise.all(made)), ...others.map((name) => join(deploy, name))];
}

async function lint(cfnLint: string, paths: readonly string[]): Promise<Found> {
  const arguments_ = ['--format', 'json', '--regions', 'eu-west-1', 'us-east-1', '--', ...paths];
  const said = await run(cfnLint, arguments_, { timeout: 5 * minutes, maxBuffer: 64 << 20 }).catch(
    // it ends with a code of its own where it found something
    (thrown: { readonly stdout?: string; readonly stderr?: string }) => {
      if (thrown.stdout) return { stdout: thrown.stdout };
      throw thrown;
    },
  );
  return Found.parse(JSON.parse(said.stdout));
}

const lineOf = ({ Filename, Level, Message, Rule, Location }: Found[number]): string =>
  `${Filename.split('/').at(-1)}: ${Level} ${Rule.Id} ${(Location.Path ?? []).join('/')}: ${Message}`;

const folder = await mkdtemp(join(tmpdir(), 'cordon-accept-deploy-'));
try {
  const cfnLint = await install(folder);
  if (cfnLint !== undefined) {
    const paths = await templates(folder);
    const found = await lint(cfnLint, paths);
    const mistakes = found.filter(({ Rule }) => !Object.hasOwn(accepted, Rule.Id));
    for (const one of mistakes) console.log(lineOf(one));
    console.log(`cfn-lint ${version}: ${paths.length} templates, ${mistakes.length} findings`);
    for (const [id, why] of Object.entries(accepted))
      console.log(`  left out: ${found.filter(({ Rule }) => Rule.Id === id).length} of ${id}: ${why}`);
    if (mistakes.length > 0) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
