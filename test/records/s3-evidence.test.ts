import { describe, expect, it } from 'vitest';
import { digest } from '../../shared/model/json.ts';
import { evidenceBucket } from '../support/evidence-bucket.ts';

const value = { before: 'Active' };
const always = Number.POSITIVE_INFINITY;

describe('evidence in S3', () => {
  it('is written once, whatever its writer may do', async () => {
    const { evidence, alter, alterAsCordon } = evidenceBucket();
    const key = await evidence.put(value);
    await expect(alterAsCordon(key)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await evidence.get(key)).toEqual(value);
    await alter(key);
    expect(await evidence.put(value)).toBe(key); // it is there, so nothing is written
    await expect(evidence.get(key)).rejects.toMatchObject({
      code: 'evidence-altered',
      remedy: expect.stringContaining(key),
    });
  });

  it('lies under its prefix and nowhere else', async () => {
    const { evidence, evidenceUnder } = evidenceBucket();
    const key = await evidenceUnder('staging/').put(value);
    expect(await evidence.get(key)).toBeUndefined();
    expect(await evidenceUnder('staging/').get(key)).toEqual(value);
  });

  it.each(['answer-lost', 'throttle'] as const)('is put and read through %s', async (kind) => {
    const { evidence, sandbox } = evidenceBucket();
    sandbox.faults.plant({ operation: 's3:PutObject', fault: { kind }, times: 2 });
    sandbox.faults.plant({ operation: 's3:GetObject', fault: { kind }, times: 2 });
    expect(await evidence.get(await evidence.put(value))).toEqual(value);
  });

  it('comes again where another puts the same at that moment', async () => {
    const { evidence, sandbox } = evidenceBucket();
    const fault = { kind: 'error', code: 'ConditionalRequestConflict', status: 409 } as const;
    sandbox.faults.plant({ operation: 's3:PutObject', fault, times: 2 });
    const key = await evidence.put(value);
    expect(await evidence.get(key)).toEqual(value);
  });

  it.each([
    ['a throttle that does not end', { kind: 'throttle' }, { code: 'SlowDown', retryable: true, indeterminate: false }],
    [
      'an error of the service that does not end',
      { kind: 'error', code: 'InternalError', status: 500 },
      { code: 'InternalError', retryable: true, indeterminate: true },
    ],
    [
      'a conflict that does not end',
      { kind: 'error', code: 'ConditionalRequestConflict', status: 409 },
      { code: 'ConditionalRequestConflict', retryable: true, indeterminate: false },
    ],
  ] as const)('is a fault that may pass on %s', async (_, fault, thrown) => {
    const { evidence, sandbox } = evidenceBucket();
    sandbox.faults.plant({ operation: 's3:PutObject', fault, times: always });
    await expect(evidence.put(value)).rejects.toMatchObject(thrown);
  });

  it('is not taken for missing where S3 only says that it may not be read', async () => {
    const { blindEvidence } = evidenceBucket();
    await expect(blindEvidence.get(digest(value))).rejects.toMatchObject({ code: 'AccessDenied', retryable: false });
  });
});
