import { expect } from 'vitest';
import { asJson } from '../../../shared/model/json.ts';
import { interfaceOf } from '../../../shared/sandbox/azure/network-interfaces.ts';
import { reachAzure, reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import type { Attack } from '../../support/attack.ts';
import {
  azureId,
  networkSecurityGroupId,
  nicId,
  resourceAt,
  rewrite,
  rewriteRules,
  vmId,
} from '../../support/azure.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const otherVm = vmId.replace('vm-web-01', 'vm-worker-01');
const otherNic = azureId('rg-web', 'Microsoft.Network/networkInterfaces', 'nic-worker-01');
const client = '198.51.100.80';

/** A machine of a load balancer's pool carries an attacker's tools in memory. */
export const attack: Attack = {
  title: 'A virtual machine behind a load balancer runs an attacker’s tools in memory',
  known: 'ATT&CK T1055, Defender VM_FilelessAttackToolkit.Linux',
  answer:
    'Its disks are kept and it is cut off, the other members of the pool serve on; its identity’s roles are asked for',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives }) {
    const pools = interfaceOf(resourceAt(sandbox, nicId)).ipConfigurations[0]?.properties
      .loadBalancerBackendAddressPools;
    rewrite(sandbox, otherNic, ({ properties }) => {
      const [first] = interfaceOf(resourceAt(sandbox, otherNic)).ipConfigurations;
      const configuration = { ...first, properties: { ...first?.properties, loadBalancerBackendAddressPools: pools } };
      return { properties: { ...properties, ipConfigurations: asJson([configuration]) } };
    });
    rewriteRules(sandbox, networkSecurityGroupId, (rules) =>
      rules.map((rule) => ({ ...rule, properties: { ...rule.properties, destinationPortRange: '22-80' } })),
    );
    const reaches = (id: string) => reachAzure(sandbox, { from: client, vmId: id, port: 80 }) === 'connected';
    await works('a client reaches the machine through the pool', () => reaches(vmId));
    await works(
      'the machine calls its master',
      () => reachFromAzure(sandbox, { vmId, to: '198.51.100.23', port: 443 }) === 'connected',
    );
    await works(
      'the machine attacks its neighbour',
      () => reachFromAzure(sandbox, { vmId, to: '10.20.2.6', port: 22 }) === 'connected',
    );
    const [run] = await arrives(
      withMembers(readEvent('defender/vm-brute-force-export'), {
        AlertType: 'VM_FilelessAttackToolkit.Linux',
        AlertDisplayName: 'Fileless Attack Toolkit Detected',
      }),
    );
    expect(run?.status).toBe('waiting');
    await fails('a client reaches the machine through the pool');
    await fails('the machine calls its master');
    await fails('the machine attacks its neighbour');
    expect(reaches(otherVm)).toBe(true);
  },
};
