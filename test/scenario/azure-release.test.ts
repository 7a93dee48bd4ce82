import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reachAzure } from '../../shared/sandbox/azure/network.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { blobUrl, fetchBlob, vmId } from '../support/azure.ts';
import { findingIn, readEvent } from '../support/events.ts';
import { lived, playbook, road, takenBack } from '../support/road.ts';

const shipped = (name: string) =>
  playbook(readFileSync(new URL(`../../playbooks/${name}.yaml`, import.meta.url), 'utf8'));
const told = (name: string) => ({ finding: findingIn(readEvent(name)), event: readEvent(name) });

/** Everything that the simulated Azure holds but evidence and Defender's own alerts, without the counts of writes. */
function azure({ rows }: Sandbox): unknown {
  const isEstate = (name: string) => name.startsWith('azure.') && name !== 'azure.defender.alerts';
  const tables = Object.entries(rows.snapshot()).filter(([name]) => isEstate(name));
  const isEvidence = (key: string) => key.includes('/microsoft.compute/snapshots/');
  const held = tables.map(([name, all]) => [name, Object.entries(all).filter(([key]) => !isEvidence(key))]);
  return JSON.parse(JSON.stringify(held, (key, value: unknown) => (key === 'revision' ? undefined : value)));
}

const bruteForce = { from: '203.0.113.220', vmId, port: 22 };

describe('the shipped playbooks for Azure', () => {
  it('shut a machine that was broken into off, and give everything back', async () => {
    const one = road();
    const before = azure(one.sandbox);
    expect(reachAzure(one.sandbox, bruteForce)).toBe('connected');
    const { word, runId } = await lived(
      one,
      shipped('exposed-virtual-machine'),
      told('defender/vm-brute-force-export'),
    );
    expect(word).toBe('contained allowed');
    expect(reachAzure(one.sandbox, bruteForce)).toBe('timeout');
    expect((await takenBack(one, runId)).word).toMatch(/^released/);
    expect(azure(one.sandbox)).toEqual(before);
    expect(reachAzure(one.sandbox, bruteForce)).toBe('connected');
  });

  it('move a malicious blob away and bring it back as it was', async () => {
    const one = road();
    const before = azure(one.sandbox);
    const reader = '0a1b2c3d-0000-4000-8000-00000000a001';
    const { word, runId } = await lived(one, shipped('malware-in-object'), told('defender-storage/malicious-blob'));
    expect(word).toBe('contained allowed');
    expect((await fetchBlob(one.sandbox, blobUrl, reader)).code).toBe('BlobNotFound');
    expect((await takenBack(one, runId)).word).toBe('released allowed');
    expect(azure(one.sandbox)).toEqual(before);
  });

  it('get there over throttling, lost answers and reads that lag behind', async () => {
    const one = road();
    one.sandbox.clock.advance(60);
    one.sandbox.rows.setLag('azure.arm', 3);
    const operation = 'Microsoft.Network/networkInterfaces/write';
    one.sandbox.faults.plant({ operation, fault: { kind: 'throttle' }, times: 1 });
    one.sandbox.faults.plant({ operation, fault: { kind: 'answer-lost' }, times: 1, after: 1 });
    const { word } = await lived(one, shipped('exposed-virtual-machine'), told('defender/vm-brute-force-export'));
    expect(word).toBe('contained allowed');
    expect(reachAzure(one.sandbox, bruteForce)).toBe('timeout');
  });
});
