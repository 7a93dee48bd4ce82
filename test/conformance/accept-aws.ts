import { existsSync } from 'node:fs';
import { awsActions } from '../../shared/actions/aws/catalogue.ts';
import { messageOf } from '../../shared/model/error.ts';
import type { ActionLife } from '../support/check-action.ts';
import { compareCli } from './accept-aws/awscli.ts';
import type { Difference } from './accept-aws/compare.ts';
import { compareFacts } from './accept-aws/facts.ts';
import { checkGrants, publishedIn } from './accept-aws/grants.ts';
import { furtherLives } from './accept-aws/further-lives.ts';
import { knownDifferences } from './accept-aws/known-differences.ts';
import { type ComparedLife, compareLife } from './accept-aws/life.ts';
import { type Moto, startMoto } from './accept-aws/moto.ts';
import { outdated, plainRow, type Row, rowOf, type Section, tableOf } from './accept-aws/report.ts';
import { installTools, type Tools, versions } from './accept-aws/tools.ts';
import { compareWire } from './accept-aws/wire.ts';

/**
 * Holds the simulated AWS and the rights of the actions against what others wrote: moto, awscli and published IAM data.
 * Not part of `npm test`: it installs them from PyPI and npm into a temporary folder, and is skipped where it cannot.
 */

type Checked = { readonly section: Section; readonly found?: readonly Difference[] };

const say = (text: string): void => console.error(`… ${text}`);

type Lived = { readonly action: string; readonly name: string; readonly life: ComparedLife };

/** The life of every action, and further ways through some of them. */
async function everyLife(): Promise<readonly Lived[]> {
  const own: Lived[] = [];
  for (const action of Object.keys(awsActions)) {
    const file = new URL(`../catalog/lives/${action}.ts`, import.meta.url);
    if (!existsSync(file)) continue; // the catalogue test asks for it
    const { life } = (await import(file.href)) as { life: ActionLife }; // the type checker reads these files itself
    own.push({ action, name: action, life });
  }
  const further = furtherLives.map(({ action, how, ...life }): Lived => ({ action, name: `${action} ${how}`, life }));
  return [...own, ...further];
}

async function lives(moto: Moto): Promise<Checked> {
  const rows: Row[] = [];
  const found: Difference[] = [];
  for (const { action, name, life } of await everyLife()) {
    say(name);
    try {
      const loaded = await awsActions[action]?.load();
      if (!loaded) throw new Error(`there is no action ${action}`);
      const differences = await compareLife(loaded, life, moto, name);
      found.push(...differences);
      rows.push(rowOf(name, differences, knownDifferences));
    } catch (thrown) {
      rows.push(plainRow(name, [messageOf(thrown)]));
    }
  }
  const title = `Lives of the actions, on moto ${versions.moto} and on the sandbox: captured, planned, applied, contained, taken back`;
  const sameOf = (list: readonly Row[]) => list.filter(({ verdict }) => verdict === 'same').length;
  const own = rows.filter(({ subject }) => Object.hasOwn(awsActions, subject));
  const summary = `${sameOf(own)} of ${own.length} actions, ${sameOf(rows)} of ${rows.length} ways through them`;
  return { section: { title, rows, summary }, found };
}

async function wire(moto: Moto): Promise<Checked> {
  say('probes of the wire');
  const probes = await compareWire(moto);
  const rows = probes.map(({ name, found }) => rowOf(name, found, knownDifferences));
  const same = rows.filter(({ verdict }) => verdict === 'same').length;
  const leftOut = probes.reduce((sum, probe) => sum + probe.leftOut, 0);
  const title = 'Answers on the wire, as the SDK reads them: status, error code, class, members';
  const summary = `${same} of ${rows.length} probes (moto also answers ${leftOut} members that no action reads)`;
  return { section: { title, rows, summary }, found: probes.flatMap(({ found }) => found) };
}

async function facts(moto: Moto): Promise<Checked> {
  say('facts of targets');
  const compared = await compareFacts(moto);
  const rows = compared.map(({ name, found }) => rowOf(name, found, knownDifferences));
  const same = rows.filter(({ verdict }) => verdict === 'same').length;
  const title = 'What guards are told of the targets of the GuardDuty fixtures';
  return {
    section: { title, rows, summary: `${same} of ${rows.length} targets` },
    found: compared.flatMap(({ found }) => found),
  };
}

async function cli({ python }: Tools): Promise<Checked> {
  say('awscli');
  const answers = await compareCli(python);
  const rows = answers.map(({ line, problem }) => plainRow(line, problem === undefined ? [] : [problem]));
  const title = `awscli ${versions.awscli} with its own models, asking the sandbox over a loopback port`;
  return {
    section: { title, rows, summary: `${answers.filter((one) => !one.problem).length} of ${rows.length} commands` },
  };
}

async function grants({ npm }: Tools): Promise<Checked> {
  say('published IAM data');
  const published = publishedIn(npm);
  const rows: Row[] = [];
  for (const [id, { load }] of Object.entries(awsActions))
    rows.push(plainRow(id, await checkGrants(await load(), published)));
  const fit = rows.filter(({ verdict }) => verdict === 'same').length;
  const title = `Permissions against published IAM data ${versions.iamData}: actions, access levels, resource types`;
  return { section: { title, rows, summary: `${fit} of ${rows.length} actions` } };
}

async function check(tools: Tools, moto: Moto): Promise<boolean> {
  const checks = [() => lives(moto), () => wire(moto), () => facts(moto), () => cli(tools), () => grants(tools)];
  const found: Difference[] = [];
  let failed = false;
  for (const one of checks) {
    const { section, found: more = [] } = await one();
    found.push(...more);
    failed ||= section.rows.some(({ verdict }) => verdict === 'DIFFERS');
    console.log(tableOf(section).join('\n'));
  }
  for (const { subjects, why } of outdated(knownDifferences, found))
    console.log(`no longer met, strike it: ${subjects.join(', ')}: ${why}`);
  return failed;
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  say('installing moto, awscli and IAM data in a temporary folder');
  const tools = await installTools();
  if ('unavailable' in tools) {
    console.log(`skipped: moto, awscli and IAM data cannot be installed here: ${tools.unavailable}`);
    return;
  }
  const moto = await startMoto(tools.python);
  try {
    if (await check(tools, moto)) process.exitCode = 1;
  } finally {
    await moto.stop();
  }
}

if (import.meta.main) await main();
