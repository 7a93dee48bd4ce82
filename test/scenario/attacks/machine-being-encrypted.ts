import { expect } from 'vitest';
import { own } from '../../../shared/model/json.ts';
import { reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import type { Attack } from '../../support/attack.ts';
import { blobUrl, fetchBlob, resourceAt, vmId } from '../../support/azure.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const machine = '0a1b2c3d-0000-4000-8000-00000000a003';

/** Ransomware encrypts a machine's disks, spreads, and takes the files that its identity may read. */
export const attack: Attack = {
  title: 'Ransomware encrypts a virtual machine, spreads from it and takes what its identity may read',
  known: 'ATT&CK T1486, Defender XDR ransomware alerts',
  answer: 'Its disks are kept; as people agree it is cut off, its identity loses its roles and it is stopped',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    await works('encrypts', () => {
      const statuses = own(own(resourceAt(sandbox, vmId).properties, 'instanceView'), 'statuses');
      return own(own(statuses, '0'), 'code') === 'PowerState/running';
    });
    const spreads = () => reachFromAzure(sandbox, { vmId, to: '10.20.2.6', port: 445 }) === 'connected';
    await works('spreads', spreads);
    await works('takes files', async () => (await fetchBlob(sandbox, blobUrl, machine)).status === 200);
    const event = withMembers(readEvent('defender-xdr/impacted-machine'), {
      'properties.Title': 'Ransomware activity on one endpoint',
    });
    let runs = await arrives(event);
    for (let asked = 0; asked < 3; asked += 1) {
      expect(runs.map(({ status }) => status)).toEqual(['waiting']);
      runs = await agreed();
    }
    expect(runs.map(({ result }) => result?.outcome)).toEqual(['contained']);
    await fails('encrypts');
    await fails('spreads');
    await fails('takes files');
  },
};
