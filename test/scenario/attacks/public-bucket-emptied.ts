import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { nobody } from '../../support/attacker.ts';
import { readEvent, withMembers } from '../../support/events.ts';

/** Nobody broke in anywhere: the door stood open. */
export const attack: Attack = {
  title: 'Strangers without any credentials empty a bucket that is public',
  known: 'GuardDuty: Exfiltration:S3/AnomalousBehavior by ANONYMOUS_PRINCIPAL; ATT&CK T1530',
  answer: 'All public access to the bucket is blocked',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const anybody = new S3Client(nobody(sandbox));
    await works('fetches the customers', () =>
      anybody.send(new GetObjectCommand({ Bucket: 'northwind-customer-exports', Key: '2026/all.csv' })),
    );
    const stranger = { userType: 'AWSAccount', principalId: '', userName: 'ANONYMOUS_PRINCIPAL', accessKeyId: '' };
    const [run] = await arrives(
      withMembers(readEvent('guardduty/public-bucket'), {
        'detail.type': 'Exfiltration:S3/AnomalousBehavior',
        'detail.severity': 8,
        'detail.resource.accessKeyDetails': stranger,
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('fetches the customers');
  },
};
