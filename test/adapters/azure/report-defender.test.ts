import { describe, expect, it, test } from 'vitest';
import { grantPrincipal } from '../../../functions/local/rights.ts';
import { sandboxClouds } from '../../../functions/local/wire.ts';
import type { FindingProgress } from '../../../shared/model/finding-progress.ts';
import { type JsonObject, own } from '../../../shared/model/json.ts';
import { writeBackGrants } from '../../../shared/report/write-back-rights.ts';
import { addAlert, alertAt } from '../../../shared/sandbox/azure/defender-alerts.ts';
import { azureHttpClient } from '../../../shared/sandbox/mount.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, identities, northwindSettings, subscription, writerPrincipal } from '../../support/company.ts';
import { findingIn, readEvent } from '../../support/events.ts';
import { grantWriteBack, progress, told, writeBacks } from '../../support/reporting.ts';

const alert = readEvent('defender/vm-brute-force-arm');
const finding = findingIn(alert);
const alertId = finding.link['alertId'] ?? '';
const alertIn = (status: string): JsonObject => {
  const properties = own(alert, 'properties') as JsonObject; // an alert in ARM form has them
  return { ...alert, properties: { ...properties, status } };
};
const statusIn = ({ rows }: Sandbox): unknown => own(own(alertAt(rows, alertId), 'properties'), 'status');

/** Northwind with Defender's alert in one state. */
function stage(status?: string) {
  const { sandbox } = company();
  grantWriteBack(sandbox);
  if (status !== undefined) addAlert(sandbox.rows, alertIn(status));
  const cloudsOn = (on: Sandbox) => sandboxClouds(on, northwindSettings(), identities);
  const tell = (changed: Partial<FindingProgress> = {}, of = finding) => told(cloudsOn(sandbox), of, progress(changed));
  return { sandbox, tell, cloudsOn };
}

type Row = readonly [stands: string, state: FindingProgress['state'], answer: string, becomes: string];

/** What stands at Defender, what we want, what we answer and what stands then. Whoever set a state is not told there. */
const transitions: readonly Row[] = [
  ['Active', 'notified', 'left', 'Active'],
  ['Active', 'in-progress', 'told', 'InProgress'],
  ['Active', 'resolved', 'told', 'Resolved'],
  ['InProgress', 'notified', 'left', 'InProgress'],
  ['InProgress', 'in-progress', 'told', 'InProgress'],
  ['InProgress', 'resolved', 'left', 'InProgress'],
  ['Resolved', 'notified', 'left', 'Resolved'],
  ['Resolved', 'in-progress', 'left', 'Resolved'],
  ['Resolved', 'resolved', 'told', 'Resolved'],
  ['Dismissed', 'notified', 'left', 'Dismissed'],
  ['Dismissed', 'in-progress', 'left', 'Dismissed'],
  ['Dismissed', 'resolved', 'left', 'Dismissed'],
  ['SomethingNew', 'in-progress', 'left', 'SomethingNew'],
];

describe('an alert of Defender', () => {
  test.each(transitions)('%s, wanted %s: %s, stands %s', async (stands, state, answer, becomes) => {
    const { sandbox, tell } = stage(stands);
    expect(await tell({ state })).toBe(answer);
    expect(statusIn(sandbox)).toBe(becomes);
    expect(writeBacks(sandbox)).toHaveLength(stands === becomes ? 0 : 1);
  });

  it('keeps all else that it says', async () => {
    const { sandbox, tell } = stage('Active');
    await tell();
    const type = own(alertAt(sandbox.rows, alertId), 'type');
    expect(alertAt(sandbox.rows, alertId)).toEqual({ ...alertIn('InProgress'), type });
  });

  it('is moved once where the answer was lost', async () => {
    const { sandbox, tell } = stage('Active');
    const operation = 'Microsoft.Security/locations/alerts/inProgress/action';
    sandbox.faults.plant({ operation, fault: { kind: 'answer-lost' }, times: 1 });
    await expect(tell()).rejects.toMatchObject({ code: 'no-answer', retryable: true });
    expect(await tell()).toBe('told');
    expect(writeBacks(sandbox)).toHaveLength(1);
  });

  it('is gone where Defender does not have it, for a scan, and where it is of another subscription', async () => {
    const { sandbox, tell } = stage();
    const scan = findingIn(readEvent('defender-storage/malicious-blob'));
    const foreign = { ...finding, link: { alertId: alertId.replace(subscription, subscription.replace(/1$/, '2')) } };
    for (const of of [finding, scan, foreign, { ...finding, link: {} }]) expect(await tell({}, of)).toBe('gone');
    expect(writeBacks(sandbox)).toEqual([]);
  });

  it('that a person dismissed before it was read stays dismissed; only the instant after remains', async () => {
    const { sandbox, cloudsOn } = stage('Active');
    const meanwhile = (when: 'before' | 'after') => {
      let waiting = true;
      const handle: Sandbox['handle'] = async (request) => {
        const reads = waiting && request.method === 'GET' && request.url.pathname.includes('/alerts/');
        if (!reads) return sandbox.handle(request);
        waiting = false;
        if (when === 'before') addAlert(sandbox.rows, alertIn('Dismissed'));
        const answer = await sandbox.handle(request);
        if (when === 'after') addAlert(sandbox.rows, alertIn('Dismissed'));
        return answer;
      };
      return cloudsOn({ ...sandbox, handle, httpClient: azureHttpClient(handle) });
    };
    expect(await told(meanwhile('before'), finding, progress())).toBe('left');
    expect(statusIn(sandbox)).toBe('Dismissed');
    addAlert(sandbox.rows, alertIn('Active'));
    expect(await told(meanwhile('after'), finding, progress())).toBe('told');
    expect(statusIn(sandbox)).toBe('InProgress');
  });

  it.each(writeBackGrants.azure.map(({ allow }) => allow))('names %s where that right is missing', async (missing) => {
    const { sandbox, tell } = stage('Active');
    grantPrincipal(
      sandbox,
      writerPrincipal,
      writeBackGrants.azure.filter(({ allow }) => allow !== missing),
      {},
    );
    const refused = { code: 'AuthorizationFailed', retryable: false, message: expect.stringContaining(missing) };
    await expect(tell({ state: missing.includes('resolve') ? 'resolved' : 'in-progress' })).rejects.toMatchObject(
      refused,
    );
  });

  it('says whether to try again, and when', async () => {
    const { sandbox, tell } = stage('Active');
    const operation = 'Microsoft.Security/locations/alerts/inProgress/action';
    sandbox.faults.plant({ operation, fault: { kind: 'throttle', retryAfterSeconds: 30 }, times: 1 });
    await expect(tell()).rejects.toMatchObject({ code: 'TooManyRequests', retryable: true, indeterminate: false });
    sandbox.faults.plant({ operation, fault: { kind: 'error', code: 'ServerTimeout', status: 503 }, times: 1 });
    await expect(tell()).rejects.toMatchObject({ code: 'ServerTimeout', retryable: true });
    expect(await tell()).toBe('told');
  });
});
