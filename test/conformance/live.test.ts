import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canaryNamed } from '../../shared/run/canary.ts';
import type { Desk } from '../../functions/local/desk.ts';
import { allActions } from '../../functions/wire.ts';
import { readYaml } from '../../shared/playbook/yaml.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { allowedAccount, Canaries, liveAll } from '../live/live.ts';
import { networkSecurityGroupId } from '../support/azure.ts';
import { company, identities, production } from '../support/company.ts';

const block = 'aws.s3.block-public-access-bucket';
const bucket = 'northwind-uploads';
const onBucket = { action: block, target: `arn:aws:s3:::${bucket}`, region: 'eu-west-1' };

function account() {
  const { sandbox, ...one } = company();
  const desk: Desk = {
    ...one,
    playbooks: async () => [],
    clock: sandbox.clock,
    sandbox: undefined,
    close: async () => undefined,
  };
  const config = { region: 'eu-west-1', credentials: identities.aws, requestHandler: sandbox.requestHandler };
  return {
    sandbox,
    desk,
    config,
    tag(): void {
      const row = sandbox.rows.get(buckets, bucket);
      if (row) sandbox.rows.put(buckets, bucket, { ...row, tags: { ...row.tags, 'cordon-canary': 'yes' } });
    },
    live: async (...canaries: readonly object[]) =>
      liveAll(desk, { account: production }, Canaries.parse({ canaries }).canaries),
    writes: () =>
      sandbox.recorder.calls.filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole').length,
  };
}

describe('the life of actions in a real account', () => {
  it('begins only where somebody has named the very account of the credentials', async () => {
    const { config } = account();
    await expect(allowedAccount(undefined, config)).rejects.toMatchObject({ code: 'not-this-account' });
    await expect(allowedAccount('yes', config)).rejects.toMatchObject({ code: 'not-this-account' });
    await expect(allowedAccount(production, config)).rejects.toThrow(/of account 999988887777, not of 111122223333/);
    expect(await allowedAccount('999988887777', config)).toBe('999988887777');
  });

  it('contains, verifies and releases a canary, and names the actions that had none', async () => {
    const { live, tag, writes } = account();
    tag();
    const [first, ...others] = await live(onBucket);
    expect(first).toMatchObject({
      action: block,
      result: 'proven',
      stages: [
        { name: 'contain', outcome: 'contained' },
        { name: 'release', outcome: 'released' },
      ],
    });
    expect(writes()).toBeGreaterThan(1);
    expect(others.length).toBeGreaterThan(20);
    expect(new Set(others.map(({ result }) => result))).toEqual(new Set(['no-canary']));
  });

  it('leaves alone what is no canary, and what is in another account', async () => {
    const { live, writes } = account();
    const elsewhere = { action: 'aws.ec2.isolate-instance', target: 'arn:aws:ec2:eu-west-1:444455556666:instance/i-0' };
    const nsg = { action: 'azure.network.close-nsg-port', target: networkSecurityGroupId, with: { port: 22 } };
    const lives = (await live(onBucket, elsewhere, nsg)).slice(0, 3);
    expect(lives.map(({ result }) => result)).toEqual(['failed', 'failed', 'failed']);
    const [unmarked, ...foreign] = lives.map(({ detail }) => detail);
    expect(unmarked).toMatch(/is no canary/);
    for (const detail of foreign) expect(detail).toMatch(/which may not be changed/);
    expect(writes()).toBe(0);
  });

  it('refuses an action that there is not, before anything is touched', async () => {
    const { live, writes } = account();
    await expect(live({ ...onBucket, action: 'aws.s3.delete-bucket' })).rejects.toMatchObject({
      code: 'unknown-action',
    });
    expect(writes()).toBe(0);
  });
});

it('has an example whose actions there are', () => {
  const file = new URL('../live/live.example.yaml', import.meta.url);
  const { canaries } = Canaries.parse(readYaml(readFileSync(file, 'utf8'), 'live.example.yaml').value);
  expect(canaries.filter(({ action }) => !Object.hasOwn(allActions, action))).toEqual([]);
  expect(
    canaries.map(({ target, region }) => canaryNamed(target, { account: production, ...(region && { region }) })),
  ).toHaveLength(6);
});
