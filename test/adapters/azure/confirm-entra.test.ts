import { describe, expect, it, test } from 'vitest';
import { makeKnown } from '../../../functions/local/known.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { addGraphRecord } from '../../../shared/sandbox/azure/graph-security.ts';
import { principals } from '../../../shared/sandbox/azure/rows.ts';
import { readerPrincipal } from '../../support/company.ts';
import { confirming } from '../../support/confirming.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const risky = readEvent('entra/risky-user');
const audit = readEvent('entra/role-added');
const all = ['risky-user', 'risk-detection', 'service-principal-risk', 'role-added', 'risky-sign-in'];

describe('confirming what Entra says', () => {
  test.each(all)('finds %s to be the same where Graph keeps it', async (name) => {
    const { sandbox, confirm } = confirming();
    const event = readEvent(`entra/${name}`);
    const finding = findingIn(event);
    expect(await confirm(finding)).toBe('unknown');
    makeKnown(sandbox, finding, event);
    expect(await confirm(finding)).toBe('same');
  });

  const changed = async (event: JsonObject, members: Record<string, Json>) => {
    const { sandbox, confirm } = confirming();
    const finding = findingIn(event);
    makeKnown(sandbox, finding, withMembers(event, members));
    return confirm(finding);
  };

  it.each([
    ['was dismissed', { 'properties.riskState': 'dismissed' }],
    ['was remediated', { 'properties.riskState': 'remediated' }],
    ['is less severe than the event said', { 'properties.riskLevel': 'low' }],
    ['is of another user', { 'properties.id': '0a1b2c3d-0000-4000-8000-00000000e002' }],
  ])('finds a risk to be another when it %s', async (_, members) => {
    expect(await changed(risky, members)).toBe('different');
  });

  it('finds a risk that has grown to be the same', async () => {
    expect(await changed(risky, { 'properties.riskState': 'confirmedCompromised' })).toBe('same');
  });

  it('does not take a suspicion for a confirmed compromise', async () => {
    const { sandbox, confirm } = confirming();
    makeKnown(sandbox, findingIn(risky), risky);
    const forged = findingIn(withMembers(risky, { 'properties.riskState': 'confirmedCompromised' }));
    expect(await confirm(forged)).toBe('different');
  });

  it.each([
    ['was another activity', { 'properties.activityDisplayName': 'Consent to application' }],
    ['was of no account', { 'properties.activityDisplayName': 'Update device' }],
    ['failed', { 'properties.result': 'failure' }],
    ['is about another user', { 'properties.targetResources.0.id': '0a1b2c3d-0000-4000-8000-00000000e004' }],
  ])('finds a change to be another when it %s', async (_, members) => {
    expect(await changed(audit, members)).toBe('different');
  });

  it('knows who made a change, not only whom it is about', async () => {
    const { sandbox, confirm } = confirming();
    const finding = findingIn(audit);
    makeKnown(sandbox, finding, audit);
    const actor = finding.resources.find(({ role }) => role === 'actor');
    expect(await confirm(finding, actor)).toBe('same');
    const forged = { ...finding, resources: [] };
    const [affected] = finding.resources;
    expect(await confirm(forged, affected && { ...affected, role: 'actor' })).toBe('different');
  });

  it('asks nothing where the link leads elsewhere or the tenant is another', async () => {
    const { sandbox, confirm } = confirming();
    const finding = findingIn(risky);
    makeKnown(sandbox, finding, risky);
    sandbox.recorder.clear();
    for (const link of [{}, { ...finding.link, collection: 'users' }, { ...finding.link, recordId: '../users/x' }])
      expect(await confirm({ ...finding, link })).toBe('different');
    expect(await confirm({ ...finding, account: '0a1b2c3d-0000-4000-8000-0000000000fe' })).toBe('different');
    expect(sandbox.recorder.calls).toEqual([]);
  });

  it('cannot tell when Graph answers in a form it does not know', async () => {
    const { sandbox, confirm } = confirming();
    addGraphRecord(sandbox.rows, `identityProtection/riskyUsers/${jonas}`, { id: jonas, riskState: 'brandNew' });
    expect(await confirm(findingIn(risky))).toBe('unknown');
  });

  it('needs the permission of the collection and no more', async () => {
    const { sandbox, confirm } = confirming();
    const finding = findingIn(risky);
    makeKnown(sandbox, finding, risky);
    const row = sandbox.rows.get(principals, readerPrincipal);
    if (!row) throw new Error('the estate has no reader');
    sandbox.rows.put(principals, readerPrincipal, { ...row, graph: ['IdentityRiskyUser.Read.All'] });
    expect(await confirm(finding)).toBe('same');
    sandbox.rows.put(principals, readerPrincipal, { ...row, graph: ['User.Read.All'] });
    await expect(confirm(finding)).rejects.toMatchObject({ code: 'Authorization_RequestDenied' });
  });
});
