import { GuardDutyClient, UpdateDetectorCommand } from '@aws-sdk/client-guardduty';
import { isWatched } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const place = { account: production, region: 'eu-west-1' };
const DetectorId = '3cb0f1a2d4e5968778695a4b3c2d1e0f';

/** GuardDuty reports nothing of a region where it is suspended, its own suspension included: CloudTrail does. */
export const attack: Attack = {
  title: 'GuardDuty is suspended, so that nothing is reported any more',
  known: 'MITRE ATT&CK T1562.001; Pacu guardduty__disable',
  answer: 'The detector is switched on again at once; who did it is cut off once a person has agreed',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const client = new GuardDutyClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    await works('suspends the detector', () => client.send(new UpdateDetectorCommand({ DetectorId, Enable: false })));
    await works('acts where GuardDuty looks away', () => !isWatched(sandbox.rows, place));
    const event = withMembers(readEvent('cloudtrail/logging-stopped'), {
      source: 'aws.guardduty',
      region: 'eu-west-1',
      'detail.awsRegion': 'eu-west-1',
      'detail.eventSource': 'guardduty.amazonaws.com',
      'detail.eventName': 'UpdateDetector',
      'detail.requestParameters': { detectorId: DetectorId, enable: false },
    });
    await arrives(event);
    await fails('acts where GuardDuty looks away');
    await agreed();
    await fails('suspends the detector');
  },
};
