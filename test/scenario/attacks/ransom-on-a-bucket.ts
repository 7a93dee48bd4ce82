import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { histories } from '../../../shared/sandbox/aws/s3-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { keyId, leakedKey } from '../../support/road.ts';

const Bucket = 'northwind-uploads';
const Key = 'incoming/Invoice 4711.docm';

/** What a stolen key may write, it overwrites with what only the attacker can read. */
export const attack: Attack = {
  title: 'A stolen key overwrites stored objects and deletes them for ransom',
  known: 'Stratus Red Team aws.impact.s3-ransomware-individual-deletion',
  answer: 'The user is quarantined and the key turned off; what was there lies below, as versions',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const s3 = new S3Client(holding(sandbox, keyId));
    const before = sandbox.rows.get(histories, `${Bucket}/${Key}`)?.length ?? 0;
    await works('overwrites an invoice', () => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'encrypted' })));
    await works('deletes an invoice', () => s3.send(new DeleteObjectCommand({ Bucket, Key })));
    const [run] = await arrives(leakedKey({ 'detail.type': 'Impact:S3/AnomalousBehavior.Delete' }).event);
    expect(run?.result?.outcome).toBe('contained');
    await fails('overwrites an invoice');
    await fails('deletes an invoice');
    expect(sandbox.rows.get(histories, `${Bucket}/${Key}`)?.length).toBeGreaterThan(before);
  },
};
