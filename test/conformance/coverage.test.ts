import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tellPerson } from '../../shared/action/portable.ts';
import { placedSteps } from '../../shared/model/playbook.ts';
import { countsOf, pageOf, type Row, rowsIn, sentenceOf } from './accept-coverage/page.ts';
import { answering, courseFor, playbookNamed } from './accept-coverage/road.ts';
import { verdictOn } from './accept-coverage/verdict.ts';

const page = readFileSync(new URL('../../shared/reference/coverage.md', import.meta.url), 'utf8');
const rows = rowsIn(page);
const nameOf = ({ type, severity, about }: Row): string => `${type} ${severity} about ${about}`;
const again = 'run `npm run accept:coverage -- --write`';

const steps = (id: string) => placedSteps(playbookNamed(id) ?? { steps: [], finally: [] }).map(({ step }) => step);
/** One that tells people, at least in some cases, may stand beside those of a row. */
const mayTell = (id: string): boolean => steps(id).some(({ action }) => action === tellPerson);

/** Whether a row can still be true, with the playbooks that answer now. */
function holds({ verdict, by }: Row, now: readonly string[]): boolean {
  const acting = now.filter((id) => steps(id).some(({ action }) => action !== tellPerson));
  const others = now.filter((id) => !by.includes(id));
  if (by.length === 0 || !by.every((id) => now.includes(id)) || !others.every(mayTell)) return false;
  if (verdict === 'told') return by.every(mayTell);
  return verdict === 'contained' ? acting.length > 0 : acting.some((id) => steps(id).some(({ approve }) => approve));
}

describe('the page of what becomes of every alert', () => {
  test('says the same when it is read and written again', () => {
    expect(rows.length).toBeGreaterThan(700);
    expect(pageOf(rows)).toBe(page);
  });

  test('has every type that the lists had, each with a verdict', () => {
    const [aws, azure] = [countsOf(rows, 'guardduty'), countsOf(rows, 'defender')];
    expect([aws.all, azure.all]).toEqual([222, 482]);
    for (const { contained, asked, told, all } of [aws, azure]) expect(contained + asked + told).toBe(all);
    expect(rows.filter(({ how }) => how === '').map(nameOf)).toEqual([]);
    expect(page).toContain(sentenceOf(rows));
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(sentenceOf(rows));
  });

  test(`names the playbooks that answer each type, as they are now: else ${again}`, () => {
    const wrong = rows
      .map((row) => ({ row, now: answering(row) }))
      .filter(({ row, now }) => !holds(row, now))
      .map(({ row, now }) => `${nameOf(row)}: ${row.verdict} by ${row.by.join()}, now ${now.join()}`);
    expect(wrong).toEqual([]);
  });
});

/** Of each verdict and each vendor the row with the least to do. */
function sample(): readonly Row[] {
  const groups = Object.groupBy(rows, ({ from, verdict }) => `${from} ${verdict}`);
  return Object.values(groups).flatMap((group) => group?.toSorted((a, b) => a.how.length - b.how.length)[0] ?? []);
}

describe('what the page says comes true', async () => {
  const chosen = sample();
  const course = await courseFor(chosen.flatMap(({ by }) => by.flatMap((id) => playbookNamed(id) ?? [])));

  test.each(chosen.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const judged = verdictOn(await course(row));
    expect(judged).toMatchObject({ verdict: row.verdict, by: row.by });
    if (row.verdict !== 'told') expect(judged?.how).toBe(row.how);
  });
});
