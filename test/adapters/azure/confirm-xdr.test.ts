import { describe, expect, it, test } from 'vitest';
import { makeKnown } from '../../../functions/local/known.ts';
import type { Json } from '../../../shared/model/json.ts';
import { addGraphRecord } from '../../../shared/sandbox/azure/graph-security.ts';
import { tenant } from '../../support/company.ts';
import { confirming } from '../../support/confirming.ts';
import { findingIn, readEvent } from '../../support/events.ts';

const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const event = readEvent('defender-xdr/impacted-user');
const finding = findingIn(event);
const id = finding.link['alertId'] ?? '';

/** The alert as Graph answers it (learn.microsoft.com/graph/api/security-alert-get). */
const alert: Record<string, Json> = {
  id,
  tenantId: tenant,
  status: 'new',
  severity: 'high',
  title: finding.title,
  serviceSource: 'microsoftDefenderForCloudApps',
  evidence: [
    {
      '@odata.type': '#microsoft.graph.security.userEvidence',
      verdict: 'suspicious',
      userAccount: {
        accountName: 'jonas.berg',
        azureAdUserId: jonas,
        userPrincipalName: 'jonas.berg@northwind.example',
      },
    },
  ],
};

const answered = async (members: Record<string, Json>, of = finding) => {
  const { sandbox, confirm } = confirming();
  addGraphRecord(sandbox.rows, `security/alerts_v2/${id}`, { ...alert, ...members });
  return confirm(of);
};

describe('confirming an alert of Defender XDR', () => {
  test.each(['impacted-user', 'impacted-machine'])('finds %s to be the same where Graph keeps it', async (name) => {
    const { sandbox, confirm } = confirming();
    const one = readEvent(`defender-xdr/${name}`);
    expect(await confirm(findingIn(one))).toBe('unknown');
    makeKnown(sandbox, findingIn(one), one);
    expect(await confirm(findingIn(one))).toBe('same');
  });

  it('finds it to be the same while somebody works on it', async () => {
    expect(await answered({ status: 'inProgress', tenantId: null })).toBe('same');
  });

  it('knows a user by the principal name alone', async () => {
    const [target] = finding.resources;
    const named = { ...target, id: 'jonas.berg@northwind.example' } as typeof target;
    expect(await answered({}, { ...finding, resources: named ? [named] : [] })).toBe('same');
  });

  it.each<[string, Record<string, Json>]>([
    ['was resolved', { status: 'resolved' }],
    ['has another title', { title: 'Something else' }],
    ['is less severe than the event said', { severity: 'low' }],
    ['is of another tenant', { tenantId: '0a1b2c3d-0000-4000-8000-0000000000fe' }],
    [
      'is about somebody else',
      { evidence: [{ userAccount: { azureAdUserId: '0a1b2c3d-0000-4000-8000-00000000e002' } }] },
    ],
    ['names nothing', { evidence: null }],
    ['is another alert', { id: 'other' }],
  ])('finds it to be another when it %s', async (_, members) => {
    expect(await answered(members)).toBe('different');
  });

  it('cannot tell when Graph answers in a form it does not know', async () => {
    expect(await answered({ evidence: [7] })).toBe('unknown');
  });

  it('asks nothing where the link leads elsewhere', async () => {
    const { sandbox, confirm } = confirming();
    sandbox.recorder.clear();
    for (const link of [{}, { alertId: '../users' }, { alertId: 'a?b' }])
      expect(await confirm({ ...finding, link })).toBe('different');
    expect(sandbox.recorder.calls).toEqual([]);
  });
});
