import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import { isPortable, type PortableVerb, portableVerbs } from '../../shared/action/portable.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { Step } from '../../shared/model/playbook.ts';
import { actionFor, inputOf, meantBy } from '../../shared/playbook/expand.ts';
import { follow, fits, playbookScope, type Shape } from '../../shared/playbook/scope.ts';
import { wholeTemplate } from '../../shared/playbook/template.ts';
import { playbook } from '../support/road.ts';

const nsg = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n';
const machine = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v';
const instance = { type: 'aws.ec2.instance', id: 'i-0123456789abcdef0', instanceId: 'i-0123456789abcdef0' };
const step = (action: PortableVerb, given: JsonObject = { target: '${target}' }) =>
  Step.parse({ id: 'one', action, with: given });

/** What a verb comes down to for one target. */
async function meaning(verb: PortableVerb, target: JsonObject, given?: JsonObject) {
  const scope = { target, settings: { identityCenter: { account: '999988887777', region: 'us-east-1' } } };
  const { action, fault } = await meantBy(allActions, step(verb, given), scope);
  return action ? [action.id, inputOf(action, step(verb, given), scope)] : fault?.code;
}

const actions = await Promise.all(Object.values(allActions).map(({ load }) => load()));
const portable = actions.filter((one) => one.portable);

describe('a portable verb means the action that declares it for the kind of target', () => {
  const session = { type: 'aws.iam.role-session', roleName: 'web', principalId: 'AROAX:i', sessionName: 'maria@x' };
  test.each<[PortableVerb, JsonObject, JsonObject | undefined, string, JsonObject]>([
    ['isolate-compute', instance, undefined, 'aws.ec2.isolate-instance', { instanceId: instance.instanceId }],
    [
      'isolate-compute',
      { type: 'azure.compute.virtual-machine', id: machine },
      undefined,
      'azure.compute.isolate-virtual-machine',
      { virtualMachineId: machine },
    ],
    [
      'revoke-identity',
      { type: 'aws.iam.access-key', userName: 'ci', accessKeyId: 'AKIA1' },
      undefined,
      'aws.iam.disable-access-key',
      { userName: 'ci', accessKeyId: 'AKIA1' },
    ],
    [
      'revoke-identity',
      { type: 'aws.iam.user', userName: 'ci' },
      undefined,
      'aws.iam.quarantine-user',
      { userName: 'ci' },
    ],
    [
      'revoke-identity',
      { type: 'aws.iam.access-key', userArn: 'arn:aws-cn:iam::111122223333:user/robots/ci' },
      { target: '${target.userArn}' },
      'aws.iam.quarantine-user',
      { userName: 'ci' },
    ],
    [
      'revoke-identity',
      { ...session, person: { userPrincipalName: 'maria@northwind.example' } },
      { target: '${target.person.userPrincipalName}', seenUntil: '2026-11-20T09:00:00Z' },
      'azure.entra.revoke-sign-in-sessions',
      { user: 'maria@northwind.example', seenUntil: '2026-11-20T09:00:00Z' },
    ],
    [
      'revoke-identity',
      { ...session, kind: 'lambda' },
      undefined,
      'aws.iam.revoke-single-role-session',
      { roleName: 'web', principalId: 'AROAX:i' },
    ],
    [
      'revoke-identity',
      { ...session, kind: 'sso', permissionSet: 'Admin' },
      undefined,
      'aws.sso.deny-user-in-permission-sets',
      { userName: 'maria@x', permissionSet: 'Admin', homeAccount: '999988887777', homeRegion: 'us-east-1' },
    ],
    [
      'revoke-identity',
      { type: 'azure.entra.user', id: 'jonas@x.example' },
      undefined,
      'azure.entra.revoke-sign-in-sessions',
      { user: 'jonas@x.example' },
    ],
    [
      'close-port',
      { type: 'aws.ec2.security-group', groupId: 'sg-0123456789abcdef0' },
      { target: '${target}', port: 22 },
      'aws.ec2.revoke-sg-rule',
      { groupId: 'sg-0123456789abcdef0', port: 22 },
    ],
    [
      'close-port',
      instance,
      { target: nsg, port: 22 },
      'azure.network.close-nsg-port',
      { networkSecurityGroupId: nsg, port: 22 },
    ],
    [
      'close-port',
      instance,
      { target: 'sg-0123456789abcdef0', port: 22, protocol: 'udp' },
      'aws.ec2.revoke-sg-rule',
      { groupId: 'sg-0123456789abcdef0', port: 22, protocol: 'udp' },
    ],
    [
      'block-address',
      { type: 'azure.network.security-group', id: nsg },
      { target: '${target}', addresses: ['203.0.113.7'] },
      'azure.network.deny-address',
      { networkSecurityGroupId: nsg, addresses: ['203.0.113.7'], direction: 'Inbound' },
    ],
    [
      'quarantine-object',
      { type: 'azure.storage.blob', url: 'https://a/b/c', eTag: '0x1' },
      undefined,
      'azure.storage.quarantine-blob',
      { url: 'https://a/b/c', eTag: '0x1' },
    ],
  ])('%s of %j with %j is %s', async (verb, target, given, action, input) => {
    expect(await meaning(verb, target, given)).toEqual([action, input]);
  });

  test('an input of the step wins over the one out of the target, and one the action does not know is left out', async () => {
    const given = { target: '${target}', cutFlows: true };
    expect(await meaning('isolate-compute', instance, given)).toEqual([
      'aws.ec2.isolate-instance',
      { instanceId: instance.instanceId, cutFlows: true },
    ]);
    expect(await meaning('isolate-compute', { type: 'azure.compute.virtual-machine', id: machine }, given)).toEqual([
      'azure.compute.isolate-virtual-machine',
      { virtualMachineId: machine },
    ]);
  });

  test.each<[string, PortableVerb, JsonObject, JsonObject, string]>([
    [
      'a kind without an action',
      'isolate-compute',
      { type: 'aws.s3.bucket', bucket: 'b' },
      { target: '${target}' },
      'no-portable-action',
    ],
    [
      'objects on AWS',
      'quarantine-object',
      { type: 'aws.s3.bucket', bucket: 'b' },
      { target: '${target}' },
      'no-portable-action',
    ],
    ['an inherited kind', 'isolate-compute', { type: 'constructor' }, { target: '${target}' }, 'no-portable-action'],
    ['no target', 'isolate-compute', instance, {}, 'bad-target'],
    ['a text that names nothing', 'close-port', instance, { target: 'web-01', port: 22 }, 'bad-target'],
    [
      'a role by its ARN',
      'revoke-identity',
      instance,
      { target: 'arn:aws:iam::111122223333:role/user/web' },
      'bad-target',
    ],
    ['a member that is not there', 'close-port', instance, { target: '${target.group}', port: 22 }, 'missing-value'],
  ])('%s is no action, and says why', async (_, verb, target, given, code) => {
    expect(await meaning(verb, target, given)).toBe(code);
  });

  test('a value out of the target is never read as a template', async () => {
    const target = { type: 'aws.iam.user', userName: '${settings.identityCenter.account}' };
    expect(await meaning('revoke-identity', target)).toEqual([
      'aws.iam.quarantine-user',
      { userName: target.userName },
    ]);
  });
});

describe('what actions declare for verbs', () => {
  test('every verb has an action', () => {
    const verbs = new Set(portable.map((action) => action.portable?.verb));
    expect([...verbs].sort()).toEqual(Object.keys(portableVerbs).sort());
    expect(isPortable('constructor')).toBe(false);
  });

  test.each(portable)(
    '$id: its inputs are there in its kind of target, and of the right type',
    ({ id, target, portable: declared, input }) => {
      expect(allActions[id]?.portable).toEqual({
        verb: declared?.verb,
        target,
        ...(declared?.where && { where: declared.where }),
      });
      const how = playbook(
        `id: a\ntitle: A\non: { finding: { type: [T] } }\ntargets: { type: [${target}] }\nsteps: [{ id: s, action: a }]`,
      );
      const scope: Shape = playbookScope(how);
      for (const [name, template] of Object.entries(declared?.with ?? {})) {
        expect(Object.keys(input.shape)).toContain(name);
        const path = wholeTemplate(template);
        const found = path === undefined ? { shape: { type: 'string' } } : follow(path, scope);
        expect(found, template).toHaveProperty('shape');
        if ('shape' in found) expect(fits(found.shape, { type: 'string' })).toBe(true);
      }
    },
  );

  test('a session of Identity Center and any other one are told apart', () => {
    const session = (kind: string) => ({ type: 'aws.iam.role-session', kind });
    expect(actionFor(allActions, 'revoke-identity', session('sso'))).toBe('aws.sso.deny-user-in-permission-sets');
    expect(actionFor(allActions, 'revoke-identity', session('saml'))).toBe('aws.iam.revoke-single-role-session');
  });
});
