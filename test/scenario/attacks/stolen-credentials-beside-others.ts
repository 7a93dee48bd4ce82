import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { sessions } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { readEvent } from '../../support/events.ts';

const stolen = 'ASIAWEBSERVER0000001';
const others = ['i-0e1', 'i-0e2', 'i-0e3'].map((id) => ({
  id,
  accessKeyId: `ASIA${id.toUpperCase().replace('-', '')}`,
}));

/** The credentials of one of four hosts that share a role are used from elsewhere. */
export const attack: Attack = {
  title: 'Credentials of an instance are used elsewhere while three other hosts share its role',
  known: 'Stratus Red Team aws.credential-access.ec2-steal-instance-credentials',
  answer: 'The one session is denied, which holds for further ones of the host; the other hosts work on',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const { rows } = sandbox;
    const session = rows.get(sessions, stolen);
    for (const { id, accessKeyId } of session ? others : [])
      if (session) rows.put(sessions, accessKeyId, { ...session, accessKeyId, sessionName: id });
    const reading = (accessKeyId: string) => () =>
      new S3Client(holding(sandbox, accessKeyId)).send(new ListObjectsV2Command({ Bucket: 'northwind-uploads' }));
    await works('reads uploads by the stolen session', reading(stolen));
    const [run] = await arrives(readEvent('guardduty/instance-credential-exfiltration-outside'));
    expect(run?.status).toBe('waiting');
    await fails('reads uploads by the stolen session');
    for (const { id, accessKeyId } of others) await works(`${id} reads uploads as ever`, reading(accessKeyId));
    const [after] = await agreed();
    expect(after?.result?.outcome).toBe('contained');
    for (const { id, accessKeyId } of others)
      await works(`${id} reads uploads, the host being isolated`, reading(accessKeyId));
  },
};
