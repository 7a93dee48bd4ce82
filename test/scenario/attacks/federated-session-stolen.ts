import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { readEvent } from '../../support/events.ts';

/** Credentials of a federated session, read out of a browser or a file on a laptop. */
export const attack: Attack = {
  title: 'The session of a person who came in by SAML is stolen from a laptop',
  known: 'MITRE ATT&CK T1550.001; GuardDuty UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B',
  answer: 'The one session is denied by its name, and the person’s sign-ins in Entra are ended',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const held = holding(sandbox, 'ASIASAMLADMIN0000001');
    const [iam, s3] = [new IAMClient(held), new S3Client(held)];
    await works('reads what customers uploaded', () =>
      s3.send(new GetObjectCommand({ Bucket: 'northwind-uploads', Key: 'incoming/Invoice 4711.docm' })),
    );
    await works('makes a key to come back with', () => iam.send(new CreateAccessKeyCommand({ UserName: 'ci-deploy' })));
    const [run] = await arrives(readEvent('guardduty/saml-session'));
    expect(run?.result?.outcome).toBe('contained');
    await fails('reads what customers uploaded');
    await fails('makes a key to come back with');
  },
};
