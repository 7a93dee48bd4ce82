import { ResourceManagementClient } from '@azure/arm-resources';
import { describe, expect, it } from 'vitest';
import { azureCode } from '../../shared/actions/azure/fault.ts';
import type { AzureSession } from '../../shared/actions/azure/azure-action.ts';
import { addAlert } from '../../shared/sandbox/azure/defender-alerts.ts';
import { refreshes } from '../../shared/sandbox/azure/entra-users.ts';
import { principals } from '../../shared/sandbox/azure/rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, atOnce, intoSandbox, refusedWith, vmId } from '../support/azure.ts';
import { company, northwind, subscription, writerPrincipal } from '../support/company.ts';
import { readEvent } from '../support/events.ts';

const { signal } = new AbortController();
const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const guest = 'partner_contoso.example#EXT#@northwind.example';

/** Graph as Cordon's writer calls it, with some of its permissions. */
async function graph(permissions: readonly string[]) {
  const { sandbox, clouds } = company();
  const writer = sandbox.rows.get(principals, writerPrincipal);
  if (writer) sandbox.rows.put(principals, writerPrincipal, { ...writer, graph: permissions });
  const request = {
    cloud: 'azure',
    account: subscription,
    region: '',
    rights: 'writer',
    runId: 'run',
    signal,
  } as const;
  const session = (await clouds.session(request)) as AzureSession; // only Azure's adapter was asked
  const call = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) =>
    session.graph(method, path, signal, body);
  return { sandbox, call };
}
const codeOf = (call: Promise<unknown>) => call.then(() => undefined, azureCode);
const user = (name: string): string => `/users/${encodeURIComponent(name)}`;

describe('a user, over Graph', () => {
  it('is found by id and by principal name, and shows what was selected', async () => {
    const { call } = await graph(['User.Read.All']);
    const byId = await call('GET', `${user(jonas)}?$select=id,accountEnabled,userType`);
    expect(byId).toMatchObject({ id: jonas, accountEnabled: true, userType: 'Member' });
    expect(await call('GET', user('JONAS.BERG@northwind.example'))).not.toHaveProperty('accountEnabled');
    expect(await call('GET', user(guest))).toMatchObject({ userPrincipalName: guest });
    expect(await codeOf(call('GET', user('nobody@northwind.example')))).toBe('Request_ResourceNotFound');
    expect(await codeOf(call('GET', `${user(jonas)}?$select=password`))).toBe('BadRequest');
  });

  it('is disabled by who may do that and may read users, unless the user is an administrator', async () => {
    const disable = { accountEnabled: false };
    const half = await graph(['User.EnableDisableAccount.All']);
    expect(await codeOf(half.call('PATCH', user(jonas), disable))).toBe('Authorization_RequestDenied');
    const whole = await graph(['User.EnableDisableAccount.All', 'User.Read.All']);
    await whole.call('PATCH', user(jonas), disable);
    expect(await whole.call('GET', `${user(jonas)}?$select=accountEnabled`)).toMatchObject(disable);
    const admin = whole.call('PATCH', user('emergency-access@northwind.example'), disable);
    expect(await codeOf(admin)).toBe('Authorization_RequestDenied');
  });

  it('has to sign in again once the sessions are revoked; a guest goes on', async () => {
    const { sandbox, call } = await graph(['User.RevokeSessions.All']);
    const issued = '2026-11-20T09:00:00Z';
    for (const name of [jonas, guest]) {
      expect(refreshes(sandbox, name, issued)).toBe(true);
      await call('POST', `${user(name)}/revokeSignInSessions`);
    }
    expect([jonas, guest].map((name) => refreshes(sandbox, name, issued))).toEqual([false, true]);
    expect(refreshes(sandbox, jonas, sandbox.clock.now())).toBe(true);
    const { call: weak } = await graph(['User.Read.All']);
    expect(await codeOf(weak('POST', `${user(jonas)}/revokeSignInSessions`))).toBe('Authorization_RequestDenied');
  });
});

function resources() {
  const sandbox = createSandbox(northwind());
  const credential = sandbox.credential(allowAll(sandbox));
  return { sandbox, client: new ResourceManagementClient(credential, subscription, intoSandbox(sandbox)) };
}
const scope = vmId.slice(1);

describe('the tags of a resource', () => {
  it('are merged, replaced and deleted by name and value; names have no case', async () => {
    const { client } = resources();
    const { tagsOperations } = client;
    const patch = async (operation: string, tags: Record<string, string>) =>
      (await tagsOperations.updateAtScope(scope, { operation, properties: { tags } }, atOnce)).properties.tags;
    expect((await tagsOperations.getAtScope(scope)).properties.tags).toEqual({ environment: 'production' });
    expect(await patch('Merge', { Environment: 'test', incident: '1' })).toEqual({
      environment: 'test',
      incident: '1',
    });
    expect(await patch('Delete', { incident: '2', environment: 'test' })).toEqual({ incident: '1' });
    expect(await patch('Replace', { only: 'this' })).toEqual({ only: 'this' });
  });

  it('are refused with bad names, in too great number, and where there is no resource', async () => {
    const { client } = resources();
    const patch = (tags: Record<string, string>, at = scope) =>
      refusedWith(client.tagsOperations.updateAtScope(at, { operation: 'Merge', properties: { tags } }, atOnce));
    expect(await patch({ 'a/b': '1' })).toBe('InvalidTagNameCharacters');
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`tag-${at}`, '1']));
    expect(await patch(many)).toBe('InvalidTags');
    expect(await patch({ a: '1' }, `${scope}-none`)).toBe('ResourceNotFound');
  });
});

describe('an alert of Defender for Cloud', () => {
  it('is known once it was added, under its group and under its subscription', async () => {
    const { sandbox, client } = resources();
    const alert = readEvent('defender/vm-brute-force-arm');
    const id = String(alert['id']).slice(1);
    expect(await refusedWith(client.resources.getById(id, '2022-01-01'))).toBe('ResourceNotFound');
    addAlert(sandbox.rows, alert);
    const found = await client.resources.getById(id, '2022-01-01');
    expect(found.properties).toMatchObject({ alertType: 'VM_SshBruteForceSuccess' });
    const wide = id.replace('/resourceGroups/rg-web', '');
    expect((await client.resources.getById(wide, '2022-01-01')).name).toBe(alert['name']);
  });
});
