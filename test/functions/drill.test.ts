import { describe, expect, it } from 'vitest';
import { drill, type Drilling } from '../../functions/local/commands/drill.ts';
import type { Desk } from '../../functions/local/desk.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { grantRole } from '../../functions/local/rights.ts';
import { Playbook } from '../../shared/model/playbook.ts';
import { Target } from '../../shared/model/target.ts';
import { held } from '../../shared/records/containments.ts';
import { readJournal } from '../../shared/records/journal.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { drillOf } from '../../shared/run/drill-playbook.ts';
import { planDrill } from '../../shared/run/drill.ts';
import { accessKeys, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { rulesOf } from '../../shared/sandbox/azure/network-security-groups.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { networkSecurityGroupId, resourceAt } from '../support/azure.ts';
import { type Company, company, production, subscription } from '../support/company.ts';
import { heard } from '../support/console.ts';

const playbooks = usable(await loadPlaybooks(['playbooks']));
const lines = heard();
const block = 'aws.s3.block-public-access-bucket';
const bucket = 'northwind-uploads';
const onBucket = { action: block, target: `arn:aws:s3:::${bucket}`, account: production, region: 'eu-west-1' };
const keyId = 'AKIACIDEPLOY00000001';

function enter(changed: Partial<Settings> = {}) {
  const one = company(changed);
  const { sandbox } = one;
  const desk: Desk = {
    ...one,
    playbooks: async () => playbooks,
    clock: sandbox.clock,
    sandbox: undefined,
    close: async () => undefined,
  };
  const estate = (): string => {
    const { 'aws.sts.sessions': _, ...tables } = sandbox.rows.snapshot();
    return JSON.stringify(tables, (key, value: unknown) => (key === 'revision' ? undefined : value));
  };
  return {
    ...{ one, sandbox, estate },
    tag(tags: Readonly<Record<string, string>> = { 'cordon-canary': 'yes' }): void {
      const row = sandbox.rows.get(buckets, bucket);
      if (row) sandbox.rows.put(buckets, bucket, { ...row, tags: { ...row.tags, ...tags } });
    },
    async drilled(options: Partial<Drilling> & Pick<Drilling, 'target'>) {
      const from = lines.length;
      const code = await drill(desk, { json: true, enforce: true, as: 'astrid', ...options });
      return { code, report: JSON.parse(lines.slice(from).join('\n')) };
    },
    writes: () =>
      sandbox.recorder.calls
        .filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole')
        .map(({ operation, error }) => `${operation}${error && ` ${error}`}`),
  };
}

/** The plan of a drill with a canary that the settings name. */
const plannedAs = ({ deps }: Company, playbook: Playbook, target: Target) =>
  planDrill(
    deps,
    { target, person: 'astrid', playbook: drillOf(playbook, { target, standing: 'named' }) },
    AbortSignal.timeout(30_000),
  );

describe('cordon drill', () => {
  it('contains a tagged canary and takes it back: the estate is as it was, and the journal says that it was a drill', async () => {
    const { one, tag, drilled, estate, writes } = enter();
    tag();
    const before = estate();
    const { code, report } = await drilled(onBucket);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      restored: true,
      refused: [],
      stages: [
        {
          name: 'contain',
          run: { order: { playbook: expect.stringMatching(/^drill-/), requester: { id: 'astrid' } } },
        },
        { name: 'release', run: { result: { outcome: 'released' } } },
      ],
    });
    expect(estate()).toBe(before);
    expect(writes().length).toBeGreaterThanOrEqual(2);
    expect(await held(one.deps)).toEqual([]);
    for (const { run } of report.stages) expect(await readJournal(one.deps.records, run.order.id)).not.toEqual([]);
  });

  it('finds a right that the writer lacks, names it, and leaves the canary as it was', async () => {
    const { tag, drilled, estate, sandbox, one } = enter();
    tag();
    grantRole(sandbox, production, 'CordonWriter', [{ allow: 's3:GetBucketPublicAccessBlock', on: '*' }], {});
    const before = estate();
    const { code, report } = await drilled(onBucket);
    expect(code).toBe(1);
    expect(report.refused).toEqual([expect.stringMatching(/PutPublicAccessBlock.*AccessDenied/)]);
    expect(report.restored).toBe(true);
    expect(estate()).toBe(before);
    expect(await held(one.deps)).toEqual([]);
  });

  it('refuses what is no canary, what is not there and what nobody can place', async () => {
    const { drilled, writes } = enter();
    await expect(drilled(onBucket)).rejects.toMatchObject({ code: 'not-a-canary' });
    await expect(drilled({ ...onBucket, target: 'arn:aws:s3:::no-such-bucket' })).rejects.toMatchObject({
      code: 'no-such-canary',
    });
    await expect(drilled({ ...onBucket, target: 'the web server' })).rejects.toMatchObject({ code: 'no-such-canary' });
    await expect(drilled({ action: block, target: keyId })).rejects.toMatchObject({ code: 'no-such-canary' });
    expect(writes()).toEqual([]);
  });

  it('shows the plan and changes nothing without --enforce, and in a stage that changes nothing', async () => {
    const { tag, drilled, writes } = enter();
    tag();
    expect(await drilled({ ...onBucket, enforce: false })).toMatchObject({
      code: 0,
      report: { steps: [{ action: block, decision: 'allow' }] },
    });
    expect(writes()).toEqual([]);
    const staging = enter({ stage: 'staging' });
    staging.tag();
    await staging.drilled(onBucket).catch(() => undefined);
    expect(staging.writes()).toEqual([]);
  });

  it('takes a canary that the settings name, without a tag, on Azure as on AWS', async () => {
    const { drilled, sandbox, writes } = enter({ drills: { canaries: [networkSecurityGroupId.toUpperCase()] } });
    const rules = () => JSON.stringify(rulesOf(resourceAt(sandbox, networkSecurityGroupId)));
    const before = rules();
    const { code, report } = await drilled({
      ...{ action: 'azure.network.close-nsg-port', target: networkSecurityGroupId },
      with: ['port=22'],
    });
    expect(report).toMatchObject({ restored: true, refused: [] });
    expect(code).toBe(0);
    expect(writes()).toHaveLength(2);
    expect(rules()).toBe(before);
  });

  it('lets a tag make nothing laxer: a step that asks a person is drilled only where the settings name the canary', async () => {
    const { action: _, ...canary } = onBucket;
    const wanted = { ...canary, playbook: 'public-bucket' };
    const tagged = enter();
    tagged.tag({ 'cordon-canary': 'yes', public: 'website' });
    await expect(tagged.drilled(wanted)).rejects.toMatchObject({
      code: 'bad-drill',
      message: expect.stringMatching(/would not run by itself/),
    });
    expect(tagged.writes()).toEqual([]);
    const named = enter({ drills: { canaries: [canary.target] } });
    named.tag({ public: 'website' });
    expect(await named.drilled(wanted)).toMatchObject({ code: 0, report: { restored: true } });
  });

  it('never leads away from the canary: another kind of target, or an input that names something else', async () => {
    const { tag, drilled, writes } = enter();
    tag();
    const other = { ...onBucket, with: ['bucket=northwind-customer-exports'] };
    await expect(drilled(other)).rejects.toMatchObject({
      code: 'bad-drill',
      message: expect.stringMatching(/could lead to something else/),
    });
    await expect(drilled({ ...onBucket, action: 'aws.iam.revoke-role-sessions' })).rejects.toMatchObject({
      code: 'bad-drill',
    });
    const { action: _, ...bucketAlone } = onBucket;
    await expect(drilled({ ...bucketAlone, playbook: 'leaked-access-key' })).rejects.toMatchObject({
      code: 'bad-drill',
    });
    expect(writes()).toEqual([]);
  });

  it('refuses a change that the release would not take back, of an action whose others are', async () => {
    const { one, writes } = enter();
    const id = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments/0a1b2c3d-0000-4000-8000-00000000d006`;
    const place = { role: 'affected', account: subscription, region: '', scope: `/subscriptions/${subscription}` };
    const target = Target.parse({ ...place, type: 'azure.role-assignment', id, name: 'd006' });
    const playbook = Playbook.parse(playbooks.find((each) => each.id === 'role-assigned'));
    await expect(plannedAs(one, playbook, target)).rejects.toMatchObject({
      code: 'bad-drill',
      message: expect.stringMatching(/cannot be taken back: .*gives a role by which others are given/),
    });
    expect(writes()).toEqual([]);
  });

  it('says so where no step of a playbook is for a target that a person names', async () => {
    const { one } = enter();
    const place = { role: 'affected', account: production, region: 'eu-west-1' };
    const target = Target.parse({ ...place, type: 'aws.s3.bucket', id: onBucket.target, name: bucket, bucket });
    const step = { id: 'block', action: block, with: { bucket }, when: { finding: { provider: ['macie'] } } };
    const on = { finding: { provider: ['macie'] } };
    const playbook = Playbook.parse({ id: 'for-macie', title: 'For Macie', on, steps: [step] });
    await expect(plannedAs(one, playbook, target)).rejects.toMatchObject({
      code: 'nothing-to-drill',
      message: expect.stringMatching(/no step of drill-for-macie is for a target that a person names/),
    });
  });

  it('waits for a second person where a release hands credentials out again, and says so', async () => {
    const { sandbox, drilled } = enter();
    const user = sandbox.rows.get(users, `${production}/ci-deploy`);
    if (!user) throw new Error('the estate has no such user');
    sandbox.rows.put(users, `${production}/ci-deploy`, { ...user, tags: { 'cordon-canary': 'yes' } });
    const { code, report } = await drilled({
      action: 'aws.iam.disable-access-key',
      target: keyId,
      account: production,
    });
    expect(code).toBe(4);
    expect(report).toMatchObject({ restored: false, waitsFor: report.stages[1].run.order.id });
    expect(sandbox.rows.get(accessKeys, keyId)?.status).toBe('Inactive');
  });
});
