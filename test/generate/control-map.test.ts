import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { program } from '../../functions/local/cordon.ts';
import { allActions } from '../../functions/wire.ts';
import { attackNames } from '../../shared/generate/attack.ts';
import { controlMap } from '../../shared/generate/control-map.ts';
import { controls } from '../../shared/generate/controls.ts';
import { Playbook } from '../../shared/model/playbook.ts';
import { techniques } from '../../shared/report/d3fend.ts';

const root = new URL('../../', import.meta.url);
const [page, json] = await controlMap(root, allActions);
const Page = z.object({
  playbooks: z.array(
    z.object({
      playbook: z.string(),
      attack: z.array(z.string()),
      d3fend: z.array(z.string()),
      controls: z.array(z.string()),
    }),
  ),
});
const { playbooks } = Page.parse(JSON.parse(json?.text ?? ''));

describe.each(playbooks)('$playbook', ({ playbook, attack, d3fend, controls: ids }) => {
  it('names ATT&CK techniques that there are', () => {
    expect(attack.length > 0 || playbook === 'told-to-a-person').toBe(true); // that one answers whatever is left
    expect(attack.filter((id) => !Object.hasOwn(attackNames, id))).toEqual([]);
  });

  it('names D3FEND techniques that outcomes can be told in, and controls', () => {
    expect(d3fend.filter((id) => !Object.hasOwn(techniques, id))).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(8);
  });
});

it('knows the D3FEND technique of every action', async () => {
  const actions = await Promise.all(Object.values(allActions).map(({ load }) => load()));
  expect(actions.filter(({ d3fend }) => !Object.hasOwn(techniques, d3fend)).map(({ id }) => id)).toEqual([]);
});

it('names no ATT&CK technique that no playbook answers', () => {
  const answered = new Set(playbooks.flatMap(({ attack }) => attack));
  expect(Object.keys(attackNames).filter((id) => !answered.has(id))).toEqual([]);
});

it('refuses what is no ATT&CK technique', () => {
  const maps = (attack: readonly string[]) => Playbook.shape.maps.safeParse({ attack }).success;
  expect([['T1078.004'], ['T1078'], ['TA0001'], ['T1078.4'], []].map(maps)).toEqual([true, true, false, false, false]);
});

it.each(controls)('shows $standard $id by a command that there is', ({ command }) => {
  const [, name = '', next = ''] = command.split(' ');
  const found = program(() => undefined).commands.find((one) => one.name() === name);
  expect(found).toBeDefined();
  const options = [...command.matchAll(/--[a-z-]+/g)].map(([option]) => option);
  expect(found?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
  if (found?.commands.length) expect(found.commands.map((one) => one.name())).toContain(next);
});

it('has a row for every control and every playbook', () => {
  for (const { standard, id } of controls) expect(page?.text).toContain(`| ${standard} ${id} |`);
  for (const { playbook } of playbooks) expect(page?.text).toContain(`| \`${playbook}\` |`);
});
