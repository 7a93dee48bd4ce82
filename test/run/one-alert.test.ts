import { describe, expect, it } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { doors } from '../support/doors.ts';
import { readEvent } from '../support/events.ts';
import { playbook } from '../support/road.ts';

const requester = { kind: 'event', id: 'test' } as const;

const whole = ['vm-brute-force-export', 'vm-brute-force-arm', 'vm-brute-force-cloudevent'];
const copies = ['vm-brute-force-activity-log', 'vm-brute-force-record', 'vm-brute-force-common-alert'];
const forms = [...whole, ...copies];

const pairs = forms.flatMap((first) => forms.filter((then) => then !== first).map((then) => [first, then] as const));

const isolate = playbook(`
id: isolate-machine
title: Isolate a machine that was broken into
on: { finding: { provider: [defender], type: [VM_SshBruteForceSuccess] } }
mode: enforce
steps:
  - id: isolate
    action: azure.compute.isolate-virtual-machine
    with: { virtualMachineId: "\${target.id}" }
`);

function receiver() {
  const { deps, started } = doors();
  const take = (message: Json) => receive(deps, playbookSet([isolate]), message, requester);
  return { started, take, runs: () => deps.records.list('run', '2026-11-20') };
}

describe('one alert of Defender through two channels', () => {
  it.each(pairs)('opens one run when it comes as %s and then as %s', async (first, then) => {
    const { take, runs, started } = receiver();
    expect(await take(readEvent(`defender/${first}`))).toMatchObject([{ kind: 'opened', fresh: true }]);
    const again = await take(readEvent(`defender/${then}`));
    const outOfDate = whole.includes(first) && copies.includes(then);
    expect(again).toMatchObject([
      outOfDate ? { kind: 'skipped', reason: 'known-version' } : { kind: 'opened', fresh: false, runId: started[0] },
    ]);
    expect(await runs()).toHaveLength(1);
  });

  it('opens one run when all come in one delivery of records', async () => {
    const { take, runs } = receiver();
    await take({ records: [...copies, ...whole].map((name) => readEvent(`defender/${name}`)) });
    expect(await runs()).toHaveLength(1);
  });
});
