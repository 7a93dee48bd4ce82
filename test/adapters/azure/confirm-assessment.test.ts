import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/model/finding.ts';
import { addAlert } from '../../../shared/sandbox/azure/defender-alerts.ts';
import { addAssessment } from '../../../shared/sandbox/azure/defender-assessments.ts';
import { company, subscription } from '../../support/company.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const { signal } = new AbortController();

async function adapter() {
  const { clouds, sandbox } = company();
  const place = { cloud: 'azure', account: subscription, region: '', rights: 'reader', runId: 'run', signal } as const;
  const session = await clouds.session(place);
  return { sandbox, confirm: (finding: Finding) => clouds.confirm(session, finding, primaryOf(finding)) };
}

const exported = readEvent('defender-assessment/public-storage-account');
const finding = () => findingIn(exported);

describe('confirming a recommendation of Defender', () => {
  it('finds it to be the same while the resource is unhealthy', async () => {
    const { confirm, sandbox } = await adapter();
    addAssessment(sandbox.rows, exported);
    expect(await confirm(finding())).toBe('same');
    const loud = withMembers(exported, { id: String(exported['id']).toUpperCase() });
    expect(await confirm(findingIn(loud))).toBe('same');
  });

  it('finds one of a subscription and of a part of a resource', async () => {
    const { confirm, sandbox } = await adapter();
    const key = String(exported['name']);
    const database = `/subscriptions/${subscription}/resourceGroups/rg-data/providers/Microsoft.Sql/servers/s/databases/d`;
    for (const resource of [`/subscriptions/${subscription}`, database]) {
      const id = `${resource}/providers/Microsoft.Security/assessments/${key}`;
      const one = withMembers(exported, { id, 'properties.resourceDetails': undefined });
      addAssessment(sandbox.rows, one);
      expect(await confirm(findingIn(one))).toBe('same');
    }
  });

  it('does not know one that Defender does not have, or that does not say where it is', async () => {
    const { confirm } = await adapter();
    expect(await confirm(finding())).toBe('unknown');
    expect(await confirm({ ...finding(), link: {} })).toBe('unknown');
  });

  it.each([
    ['is healthy by now', { 'properties.status.code': 'Healthy' }],
    ['does not apply any more', { 'properties.status.code': 'NotApplicable' }],
    ['has another key', { name: 'bc303248-3d14-44c2-96a0-55f5c326b5fe' }],
  ])('finds it to be another when it %s', async (_, changed) => {
    const { confirm, sandbox } = await adapter();
    addAssessment(sandbox.rows, withMembers(exported, changed));
    expect(await confirm(finding())).toBe('different');
  });

  it('finds it to be another when the finding names a resource that was not assessed', async () => {
    const { confirm, sandbox } = await adapter();
    addAssessment(sandbox.rows, exported);
    const [target] = finding().resources;
    if (!target) throw new TypeError('no resource');
    const other = { ...target, id: target.id.replace('northwindexports', 'northwinduploads') };
    expect(await confirm({ ...finding(), resources: [target, other] })).toBe('different');
  });

  const id = String(exported['id']);
  it.each([
    ['into another subscription', id.replace(subscription, subscription.replace(/1$/, '2'))],
    ['up and away', id.replace('northwindexports', '..')],
    ['to another kind of thing', id.replace('assessments', 'pricings')],
    ['with a query', `${id}?api-version=2020-01-01&x=y`],
    ['to another host', `https://evil.example${id}`],
  ])('does not follow a link %s', async (_, assessmentId) => {
    const { confirm, sandbox } = await adapter();
    addAssessment(sandbox.rows, exported);
    sandbox.recorder.clear();
    expect(await confirm({ ...finding(), link: { assessmentId } })).toBe('different');
    expect(sandbox.recorder.calls).toEqual([]);
  });
});

describe('confirming what the Activity Log repeats of an alert', () => {
  const alert = readEvent('defender/vm-brute-force-arm');
  const copy = readEvent('defender/vm-brute-force-activity-log');

  it('reads the alert itself', async () => {
    const { confirm, sandbox } = await adapter();
    addAlert(sandbox.rows, alert);
    expect(await confirm(findingIn(copy))).toBe('same');
  });

  it('finds out where the name and kind of what was attacked made the id of something else', async () => {
    const { confirm, sandbox } = await adapter();
    addAlert(sandbox.rows, alert);
    for (const changed of [
      { 'properties.compromisedEntity': 'vm-worker-01' },
      { 'properties.resourceType': 'Storage' },
      { 'properties.alertType': 'VM_Other' },
    ])
      expect(await confirm(findingIn(withMembers(copy, changed)))).toBe('different');
  });
});
