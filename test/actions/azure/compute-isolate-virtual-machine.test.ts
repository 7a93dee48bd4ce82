import { describe, expect, it } from 'vitest';
import { computeIsolateVirtualMachine } from '../../../shared/actions/azure/compute-isolate-virtual-machine.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { asJson, type Json, own } from '../../../shared/model/json.ts';
import { reachAzure, reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import { resources } from '../../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, nicId, quarantineGroupId, resourceAt, rewrite, rewriteRules, vmId } from '../../support/azure.ts';
import { subscription, writerPrincipal } from '../../support/company.ts';
import { grantExactly } from '../../support/rights.ts';

const where = { account: subscription, region: '' };
const isolate = computeIsolateVirtualMachine;
const play = (virtualMachineId = vmId, prepare?: (sandbox: Sandbox) => void) =>
  acting(isolate, { virtualMachineId }, { where, ...(prepare && { prepare }) });

const adminNic = nicId.replace('nic-web-01', 'nic-web-01-admin');
const groupOn = (sandbox: Sandbox, nic: string): Json =>
  asJson(own(resourceAt(sandbox, nic).properties, 'networkSecurityGroup') ?? null);
const nameOn = (sandbox: Sandbox, nic: string) =>
  String(own(groupOn(sandbox, nic), 'id') ?? 'none')
    .split('/')
    .at(-1);
const write = 'Microsoft.Network/networkInterfaces/write';

/** The bodies that were sent to one path, as they went over the wire. */
function wire(sandbox: Sandbox, method: string, path: string): Json[] {
  const bodies: Json[] = [];
  const { httpClient } = sandbox;
  const send = httpClient.sendRequest.bind(httpClient);
  httpClient.sendRequest = async (request) => {
    const response = await send(request);
    if (request.method === method && new URL(request.url).pathname.toLowerCase() === path.toLowerCase())
      bodies.push(asJson(JSON.parse(String(method === 'GET' ? response.bodyAsText : request.body))));
    return response;
  };
  return bodies;
}

/** Every member of a body that is not told by the service alone, as paths with values. */
function members(value: Json, at = ''): Record<string, Json> {
  if (typeof value !== 'object' || value === null) return { [at]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, one]) => members(one, `${at}/${key}`)));
}
const toldByService =
  /\/(etag|provisioningState|type|macAddress|virtualMachine|networkSecurityGroup)(\/|$)|^\/(name|properties\/primary)$/;

describe('isolating a virtual machine', () => {
  it('lets in whom it is told to allow and nobody else, says so in the plan, and notices when that is widened', async () => {
    const allow = [{ cidr: '203.0.113.220/32', port: 22 }];
    const one = await acting(isolate, { virtualMachineId: vmId, allow }, { where });
    const from = (address: string, port: number) => reachAzure(one.sandbox, { from: address, vmId, port });
    const before = from('203.0.113.221', 22);
    const changes = await one.plan();
    await one.contain(changes);
    expect(changes.map(({ to }) => to)).toContainEqual({ denies: 'all', allows: ['tcp 22 203.0.113.220/32'] });
    expect(from('203.0.113.220', 22)).toBe('connected');
    for (const [address, port] of [
      ['203.0.113.220', 443],
      ['203.0.113.221', 22],
      ['10.20.2.6', 22],
    ] as const)
      expect(from(address, port)).not.toBe('connected');
    expect(reachFromAzure(one.sandbox, { vmId, to: '203.0.113.220', port: 443 })).not.toBe('connected');
    rewriteRules(one.sandbox, quarantineGroupId, (rules) =>
      rules.map((rule) =>
        rule.name === 'cordon-allow-1'
          ? { ...rule, properties: { ...rule.properties, sourceAddressPrefix: '*' } }
          : rule,
      ),
    );
    expect(await one.plan()).not.toEqual([]);
    expect(before).toBe('connected');
  });

  it('sends back everything it read of an interface but the group', async () => {
    const one = await play();
    const read = wire(one.sandbox, 'GET', nicId);
    const sent = wire(one.sandbox, 'PUT', nicId);
    const before = resourceAt(one.sandbox, nicId);
    await one.contain();
    const wanted = Object.entries(members(read.at(-2) ?? null)).filter(([path]) => !toldByService.test(path));
    expect(wanted.length).toBeGreaterThan(20);
    expect(Object.fromEntries(wanted)).toEqual(
      Object.fromEntries(Object.entries(members(sent[0] ?? null)).filter(([path]) => !toldByService.test(path))),
    );
    const { networkSecurityGroup: _, ...kept } = before.properties;
    expect(resourceAt(one.sandbox, nicId)).toMatchObject({ tags: before.tags, properties: kept });
  });

  it('puts every interface into the one group and gives each its own back', async () => {
    const one = await play();
    const changes = await one.plan();
    expect(changes.map(({ from }) => from)).toEqual([
      null,
      { networkSecurityGroup: expect.stringMatching(/nsg-web$/) },
      { networkSecurityGroup: expect.stringMatching(/nsg-admin$/) },
    ]);
    await one.contain(changes);
    for (const nic of [nicId, adminNic]) expect(nameOn(one.sandbox, nic)).toBe('cordon-quarantine-westeurope');
    expect(resourceAt(one.sandbox, quarantineGroupId).tags).toMatchObject({ 'cordon:run': one.context.runId });
    for (const to of ['198.51.100.7', '10.20.2.6', '169.254.169.254', '168.63.129.16'])
      expect(reachFromAzure(one.sandbox, { vmId, to, port: 53 })).toBe('timeout');
    await one.release(changes);
    expect([nicId, adminNic].map((nic) => nameOn(one.sandbox, nic))).toEqual(['nsg-web', 'nsg-admin']);
    expect(one.sandbox.rows.get(resources, quarantineGroupId.toLowerCase())).toBeUndefined();
  });

  it('takes the group off again where there was none', async () => {
    const worker = vmId.replace('vm-web-01', 'vm-worker-01');
    const nic = nicId.replace('nic-web-01', 'nic-worker-01');
    const one = await play(worker);
    const changes = await one.plan();
    await one.contain(changes);
    expect(reachAzure(one.sandbox, { from: '10.20.1.4', vmId: worker, port: 445 })).toBe('timeout');
    await one.release(changes);
    expect(groupOn(one.sandbox, nic)).toBeNull();
  });

  it('shares the group with another machine, which keeps it when this one leaves', async () => {
    const one = await play();
    const other = vmId.replace('vm-web-01', 'vm-worker-01');
    const changes = await one.plan();
    await one.contain(changes);
    const second = { ...one, input: { virtualMachineId: other } };
    grantExactly(one.sandbox, isolate, isolate.permissions, { ...second.input }, where);
    const session = (rights: 'reader' | 'writer') =>
      one.company.clouds.session({ cloud: 'azure', ...where, rights, runId: 'other', signal: one.context.signal });
    const [reader, writer] = [await session('reader'), await session('writer')];
    const seen = await isolate.capture(reader, second.input, one.context);
    expect(seen[quarantineGroupId]).toBeNull();
    for (const [resource, to] of Object.entries(isolate.plan(second.input, seen, one.context)))
      await isolate.apply(writer, { resource, from: seen[resource] ?? null, to }, one.context);
    grantExactly(one.sandbox, isolate, isolate.permissions, { virtualMachineId: vmId }, where);
    await one.release(changes);
    expect(nameOn(one.sandbox, nicId)).toBe('nsg-web');
    expect(reachAzure(one.sandbox, { from: '10.20.1.4', vmId: other, port: 445 })).toBe('timeout');
    expect(await one.capture()).toMatchObject({ [quarantineGroupId]: null });
  });

  it('closes the group again when somebody has opened it', async () => {
    const one = await play();
    await one.contain();
    rewriteRules(one.sandbox, quarantineGroupId, ([first, ...rules]) =>
      first ? [{ ...first, properties: { ...first.properties, access: 'Allow' } }, ...rules] : rules,
    );
    expect(await one.isContained()).toBe(false);
    expect((await one.plan()).map(({ resource }) => resource)).toEqual([quarantineGroupId]);
    await one.contain();
    expect(await one.isContained()).toBe(true);
  });

  it('does not undo what somebody changed on an interface between its look and its write', async () => {
    const one = await play();
    let once = true;
    one.sandbox.recorder.onCall(({ operation, resource, caller }) => {
      const ours = operation.endsWith('networkInterfaces/read') && caller === writerPrincipal && resource === nicId;
      if (!ours || !once) return;
      once = false;
      rewrite(one.sandbox, nicId, ({ tags }) => ({ tags: { ...tags, edited: 'meanwhile' } }));
    });
    await expect(one.contain()).rejects.toMatchObject({ code: 'PreconditionFailed', status: 412, retryable: true });
    await one.contain();
    expect(resourceAt(one.sandbox, nicId).tags).toMatchObject({ edited: 'meanwhile' });
    expect(await one.isContained()).toBe(true);
  });

  it('names the right that is missing to attach what an interface already has', async () => {
    const one = await play();
    const write = isolate.permissions.write.filter(({ allow }) => !allow.includes('publicIPAddresses/join'));
    grantExactly(one.sandbox, isolate, { ...isolate.permissions, write }, { virtualMachineId: vmId }, where);
    await expect(one.contain()).rejects.toMatchObject({
      code: 'LinkedAuthorizationFailed',
      retryable: false,
      message: expect.stringMatching(/Microsoft\.Network\/publicIPAddresses\/join\/action.*pip-web-01/),
    });
  });

  it('is not verified when the effect is lost behind a 200', async () => {
    const one = await play();
    one.sandbox.faults.plant({ operation: write, fault: { kind: 'effect-lost' } });
    await one.contain();
    expect(await one.isContained()).toBe(false);
    expect(reachAzure(one.sandbox, { from: '203.0.113.220', vmId, port: 22 })).toBe('connected');
  });

  it('looks before it acts again when the answer was lost', async () => {
    const one = await play();
    one.sandbox.faults.plant({ operation: write, fault: { kind: 'answer-lost' }, times: 1 });
    await expect(one.contain()).rejects.toMatchObject({ code: 'no-answer', indeterminate: true });
    const { applied } = await one.contain();
    expect(applied.map(({ resource }) => resource)).toEqual([adminNic]);
  });

  it('refuses machines that a scale set or a cluster owns', async () => {
    const node = azureId('MC_rg-web_aks-web_westeurope', 'Microsoft.Compute/virtualMachines', 'aks-nodepool1-0');
    await expect((await play(node)).plan()).rejects.toThrow(InvalidInput);
    const member = await play(vmId, (sandbox) =>
      rewrite(sandbox, vmId, ({ properties }) => ({
        properties: { ...properties, virtualMachineScaleSet: { id: 'web' } },
      })),
    );
    await expect(member.plan()).rejects.toThrow(/belongs to web/);
  });

  it('knows a machine that is gone', async () => {
    const gone = await play(vmId, ({ rows }) => rows.delete(resources, vmId.toLowerCase()));
    expect(await gone.capture()).toEqual({});
  });
});
