import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { listedIn, type Listed } from './accept-coverage/catalogue.ts';
import { pageOf, type Row, sentenceOf, withCounts } from './accept-coverage/page.ts';
import { type Came, courseFor } from './accept-coverage/road.ts';
import { toldBecause } from './accept-coverage/told-because.ts';
import { verdictOn } from './accept-coverage/verdict.ts';

/**
 * Sends every type of alert that GuardDuty and Defender for Cloud document down the road and says what becomes of it; with `--write`
 * it writes shared/reference/coverage.md. Not part of `npm test`: the lists of types are not part of the project.
 */
const catalogue = new URL('../../../shared/catalog/', import.meta.url);
const page = new URL('../../shared/reference/coverage.md', import.meta.url);
const readme = new URL('../../README.md', import.meta.url);

const nameOf = ({ type, about, severity }: Listed): string => `${type} (${severity}) about ${about}`;

type Answer = { readonly row: Row } | { readonly problem: string };

/** What becomes of one case; a problem where it is none of the three, or where nobody said why it is only told. */
function answerOn(one: Listed, came: readonly Came[]): Answer {
  const judged = verdictOn(came);
  const words = came.map(({ playbook, to, reason, detail }) => `${playbook}: ${to} ${reason} ${detail}`).join('; ');
  if (!judged) return { problem: `${nameOf(one)}: ${words || 'no run was opened'}` };
  if (judged.verdict !== 'told') return { row: { ...one, ...judged } };
  const how = toldBecause({ ...one, ...judged });
  return how === undefined
    ? { problem: `${nameOf(one)}: told, and accept-coverage/told-because.ts does not say why` }
    : { row: { ...one, ...judged, how } };
}

if (!existsSync(catalogue)) console.log('skipped: the lists of alert types are not beside the project');
else {
  const course = await courseFor();
  const answers: Answer[] = [];
  for (const one of await listedIn(catalogue)) answers.push(answerOn(one, await course(one)));
  const problems = answers.flatMap((one) => ('problem' in one ? [one.problem] : []));
  const rows = answers.flatMap((one) => ('row' in one ? [one.row] : []));
  for (const row of rows) if (row.verdict === 'told') console.log(`told  ${nameOf(row)}: ${row.how}`);
  for (const problem of problems) console.log(`FAIL  ${problem}`);
  console.log(sentenceOf(rows));
  const text = pageOf(rows);
  const stale = (await readFile(page, 'utf8').catch(() => '')) !== text;
  if (problems.length > 0) {
    console.log(`${problems.length} of ${answers.length} cases come to nothing that the page may say`);
    process.exitCode = 1;
  } else if (process.argv.includes('--write')) {
    await writeFile(page, text);
    await writeFile(readme, withCounts(await readFile(readme, 'utf8'), rows));
  } else if (stale) {
    console.log('shared/reference/coverage.md says otherwise: run it with --write');
    process.exitCode = 1;
  }
}
