import { describe, expect, it } from 'vitest';
import { grantRole } from '../../functions/local/rights.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { type Asked, asked, at, person, staff } from '../support/api.ts';
import { production } from '../support/company.ts';
import { leakedKey } from '../support/doors.ts';

const bucket = 'northwind-uploads';
const wish = {
  action: 'aws.s3.block-public-access-bucket',
  target: `arn:aws:s3:::${bucket}`,
  account: production,
  region: 'eu-west-1',
};

function world(changed: Partial<Settings> = {}): Asked & { estate(): string } {
  const one = asked(changed);
  const { rows } = one.sandbox;
  const row = rows.get(buckets, bucket);
  if (row) rows.put(buckets, bucket, { ...row, tags: { ...row.tags, 'cordon-canary': 'yes' } });
  return {
    ...one,
    estate() {
      const { 'aws.sts.sessions': _, ...tables } = rows.snapshot();
      return JSON.stringify(tables, (key, value: unknown) => (key === 'revision' ? undefined : value));
    },
  };
}

const digestOf = async ({ ask }: Asked) => at(await ask('POST', '/drills', { as: 'ron', body: wish }), 'plan.digest');
const enforced = async (one: Asked) =>
  one.ask('POST', '/drills', { as: 'ron', body: { ...wish, mode: 'enforce', digest: await digestOf(one) } });

/** Takes a drill back as anybody takes a run back: the plan first, then by its digest. */
async function released({ ask, carry }: Asked, run: string): Promise<string> {
  const back = { reactivateCredentials: true };
  const plan = await ask('POST', `/runs/${run}/release`, { as: 'ron', body: back });
  const body = { ...back, mode: 'enforce', digest: at(plan, 'plan.digest') };
  const answer = await ask('POST', `/runs/${run}/release`, { as: 'ron', body });
  await carry();
  return at(answer, 'runs.0.id');
}

describe('a drill of the deployment', () => {
  it('shows its plan, and changes and opens nothing', async () => {
    const one = world();
    const before = one.estate();
    const answer = await one.ask('POST', '/drills', { as: 'ron', body: wish });
    expect(answer).toMatchObject({
      status: 200,
      body: { plan: { steps: [{ action: wish.action, decision: 'allow' }] } },
    });
    expect(one.started).toEqual([]);
    expect(one.estate()).toBe(before);
  });

  it('is a run like any other: started, contained, taken back, and the canary is as it was', async () => {
    const one = world();
    const before = one.estate();
    const opened = await enforced(one);
    const run = at(opened, 'run');
    expect(opened).toMatchObject({ status: 202 });
    expect(opened.headers.get('location')).toBe(`/drills/${run}`);
    expect(one.started).toEqual([run]);
    expect(await one.ask('GET', `/drills/${run}`, { as: 'ron' })).toMatchObject({ body: { waitsFor: run } });
    await one.carry();
    expect(one.estate()).not.toBe(before);
    expect(await one.ask('GET', `/drills/${run}`, { as: 'ron' })).toMatchObject({
      status: 200,
      body: { waitsFor: null, refused: [], restored: false, stages: [{ run: { result: { outcome: 'contained' } } }] },
    });
    const release = await released(one, run);
    expect(await one.ask('GET', `/drills/${run}?release=${release}`, { as: 'ron' })).toMatchObject({
      status: 200,
      body: {
        restored: true,
        stages: [{ name: 'contain' }, { name: 'release', run: { result: { outcome: 'released' } } }],
      },
    });
    expect(one.estate()).toBe(before);
  });

  it('names a right that the writer lacks', async () => {
    const one = world();
    grantRole(one.sandbox, production, 'CordonWriter', [{ allow: 's3:GetBucketPublicAccessBlock', on: '*' }], {});
    const run = at(await enforced(one), 'run');
    await one.carry();
    expect(await one.ask('GET', `/drills/${run}`, { as: 'ron' })).toMatchObject({
      body: { refused: [expect.stringMatching(/PutPublicAccessBlock.*AccessDenied/)], restored: true },
    });
  });

  it('is refused plainly in a stage that changes nothing, before anything is read', async () => {
    const one = world({ stage: 'staging' });
    const body = { ...wish, mode: 'enforce', digest: 'f'.repeat(64) };
    expect(await one.ask('POST', '/drills', { as: 'ron', body })).toMatchObject({
      status: 409,
      body: { code: 'stage-changes-nothing', detail: expect.stringContaining('stage staging changes nothing') },
    });
    expect(one.sandbox.recorder.calls).toEqual([]);
  });

  it('is done by the plan that was seen and no other', async () => {
    const one = world();
    const body = { ...wish, mode: 'enforce' };
    expect(await one.ask('POST', '/drills', { as: 'ron', body })).toMatchObject({
      status: 400,
      body: { path: 'digest' },
    });
    const other = { ...body, digest: 'f'.repeat(64) };
    expect(await one.ask('POST', '/drills', { as: 'ron', body: other })).toMatchObject({
      status: 409,
      body: { code: 'other-plan' },
    });
    expect(one.started).toEqual([]);
  });

  it('takes no target that is no canary', async () => {
    const body = { ...wish, target: 'arn:aws:s3:::northwind-website' };
    expect(await world().ask('POST', '/drills', { as: 'ron', body })).toMatchObject({
      status: 400,
      body: { code: 'not-a-canary' },
    });
  });

  it('is for those alone who may start runs everywhere', async () => {
    const near = person('nina', ['responder'], { accounts: [production] });
    const one = world({ people: [...staff, near] });
    for (const as of ['vera', 'olga', 'abe', 'nina'])
      expect(await one.ask('POST', '/drills', { as, body: wish })).toMatchObject({ status: 403 });
  });

  it('tells nothing of runs that are no drills', async () => {
    const one = world();
    one.known(leakedKey());
    const run = at(
      await one.ask('POST', '/runs', { as: 'ron', body: { playbook: 'leaked-key', event: leakedKey() } }),
      'runs.0.id',
    );
    expect(await one.ask('GET', `/drills/${run}`, { as: 'ron' })).toMatchObject({
      status: 404,
      body: { code: 'no-such-run' },
    });
    const drill = at(await enforced(one), 'run');
    expect(await one.ask('GET', `/drills/${drill}?release=${run}`, { as: 'ron' })).toMatchObject({ status: 404 });
  });
});
