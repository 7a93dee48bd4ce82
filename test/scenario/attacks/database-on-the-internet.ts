import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import { reachDatabase } from '../../../shared/sandbox/aws/rds-instances.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const reports = `arn:aws:rds:eu-west-1:${production}:db:reports`;

/** An administrator's session puts a database on the internet, where its password has been guessed. */
export const attack: Attack = {
  title: 'A database is given a public address and reached from the internet',
  known: 'ATT&CK T1190; GuardDuty: RDSPubliclyAccessible',
  answer: 'The public address is taken away, within the run of the call that gave it',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const rds = new RDSClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    const request = { DBInstanceIdentifier: 'reports', PubliclyAccessible: true };
    expect(reachDatabase(sandbox, '203.0.113.63', reports)).toBe('timeout');
    await rds.send(new ModifyDBInstanceCommand(request));
    await works('connects to the database', () => reachDatabase(sandbox, '203.0.113.63', reports) === 'connected');
    const [run] = await arrives(
      withMembers(readEvent('cloudtrail/function-permission'), {
        source: 'aws.rds',
        'detail.eventSource': 'rds.amazonaws.com',
        'detail.eventName': 'ModifyDBInstance',
        'detail.requestParameters': { dBInstanceIdentifier: 'reports', publiclyAccessible: true },
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('connects to the database');
  },
};
