import { CloudTrailClient, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { expect } from 'vitest';
import { isRecorded } from '../../../shared/sandbox/aws/cloudtrail-trails.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const place = { account: production, region: 'eu-west-1' };
const trail = `arn:aws:cloudtrail:eu-west-1:${production}:trail/northwind-audit`;

/** The trail is stopped first, so that nothing of what follows is on record. */
export const attack: Attack = {
  title: 'The trail of the account is stopped before anything else is done',
  known: 'Stratus Red Team aws.defense-evasion.cloudtrail-stop',
  answer: 'The trail is started again at once; who stopped it is cut off once a person has agreed',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const client = new CloudTrailClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    await works('stops the trail', () => client.send(new StopLoggingCommand({ Name: trail })));
    await works('acts without a record', () => !isRecorded(sandbox.rows, place));
    const event = withMembers(readEvent('cloudtrail/logging-stopped'), {
      region: 'eu-west-1',
      'detail.awsRegion': 'eu-west-1',
      'detail.requestParameters': { name: trail },
    });
    const runs = await arrives(event);
    expect(runs.map(({ order, result }) => [order.playbook, result?.outcome]).sort()).toEqual([
      ['logging-stopped', 'contained'],
      ['who-stopped-logging', undefined],
    ]);
    await fails('acts without a record');
    await agreed();
    await fails('stops the trail');
  },
};
