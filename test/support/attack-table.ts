import { readFile, writeFile } from 'node:fs/promises';
import { type Attack, allAttacks } from './attack.ts';

const clouds = { aws: 'AWS', azure: 'Azure' } as const;

/** The attacks as the README lists them; each is played by `test/scenario/attacks.test.ts`. */
export function attackTable(attacks: readonly (readonly [name: string, attack: Attack])[]): string {
  const rows = attacks
    .map(([, { clouds: on, title, answer, optIn }]) => [
      on.map((one) => clouds[one]).join(', '),
      title,
      optIn === undefined ? answer : `${answer} ([a playbook to choose](playbooks/opt-in/${optIn}.yaml))`,
    ])
    .sort(([a = '', one = ''], [b = '', other = '']) => a.localeCompare(b) || one.localeCompare(other));
  return ['| On | The attacker | Cordon |', '| --- | --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );
}

export const readme = new URL('../../README.md', import.meta.url);
const block = /(<!-- attacks:begin -->\n)[\s\S]*?(\n<!-- attacks:end -->)/;

/** The README with the table in its place. */
export const withTable = (text: string, table: string): string =>
  text.replace(block, (_, before: string, after: string) => `${before}\n${table}\n${after}`);

if (import.meta.main) {
  const text = await readFile(readme, 'utf8');
  await writeFile(readme, withTable(text, attackTable(await allAttacks())));
}
