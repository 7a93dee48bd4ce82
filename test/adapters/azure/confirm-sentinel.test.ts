import { describe, expect, it, test } from 'vitest';
import { makeKnown } from '../../../functions/local/known.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { principals } from '../../../shared/sandbox/azure/rows.ts';
import { readerPrincipal } from '../../support/company.ts';
import { confirming } from '../../support/confirming.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const event = readEvent('sentinel/user-incident');
const finding = findingIn(event);
const user = finding.resources.find(({ type }) => type === 'azure.entra.user');
const at = (name: string): string => `object.properties.${name}`;

const findingsIn = (of: JsonObject): readonly Finding[] => {
  const { reading } = normalise(of);
  return reading.kind === 'findings' ? reading.findings : [];
};

describe('confirming an incident of Sentinel', () => {
  it('finds it to be the same where Sentinel keeps it, with the entity that is acted on', async () => {
    const { sandbox, confirm } = confirming();
    expect(await confirm(finding, user)).toBe('unknown');
    makeKnown(sandbox, finding, event);
    expect(await confirm(finding, user)).toBe('same');
    expect(sandbox.recorder.calls.map(({ operation }) => operation)).toContain(
      'Microsoft.SecurityInsights/incidents/entities/action',
    );
  });

  it('for a target in another subscription than the workspace', async () => {
    const { sandbox, confirm } = confirming();
    const machines = readEvent('sentinel/machine-incident');
    const [, second] = findingsIn(machines);
    if (!second) throw new Error('the incident names two subscriptions');
    makeKnown(sandbox, second, machines);
    expect(second.account).not.toBe(finding.account);
    expect(await confirm(second)).toBe('same');
  });

  test.each<[string, Record<string, Json>]>([
    ['was closed', { [at('status')]: 'Closed' }],
    ['has another number', { [at('incidentNumber')]: 4799 }],
    ['has another title', { [at('title')]: 'Something else' }],
    ['is less severe than the event said', { [at('severity')]: 'Low' }],
    ['names somebody else', { [at('relatedEntities.0.properties.aadUserId')]: '0a1b2c3d-0000-4000-8000-00000000e002' }],
    ['names nobody', { [at('relatedEntities')]: [] }],
  ])('finds it to be another when it %s', async (_, members) => {
    const { sandbox, confirm } = confirming();
    makeKnown(sandbox, finding, withMembers(event, members));
    expect(await confirm(finding, user)).toBe('different');
  });

  it('asks nothing where the link leads elsewhere', async () => {
    const { sandbox, confirm } = confirming();
    sandbox.recorder.clear();
    const { incidentId = '' } = finding.link;
    const elsewhere = ['', `${incidentId}/../x`, `${incidentId}?x`, incidentId.replace(/f102$/, 'f103')];
    for (const id of elsewhere)
      expect(await confirm({ ...finding, link: { ...finding.link, incidentId: id } }, user)).toBe('different');
    expect(sandbox.recorder.calls).toEqual([]);
  });

  it('cannot be told without the right to see its entities', async () => {
    const { sandbox, confirm } = confirming();
    makeKnown(sandbox, finding, event);
    const row = sandbox.rows.get(principals, readerPrincipal);
    if (!row) throw new Error('the estate has no reader');
    const role = { actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] };
    sandbox.rows.put(principals, readerPrincipal, { ...row, assignments: [{ scope: '/', role }] });
    await expect(confirm(finding, user)).rejects.toMatchObject({ code: 'AuthorizationFailed' });
  });
});
