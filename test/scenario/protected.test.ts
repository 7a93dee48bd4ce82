import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { asJson, type Json, type JsonObject, own } from '../../shared/model/json.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { Target } from '../../shared/model/target.ts';
import { openJournal } from '../../shared/records/journal.ts';
import { contain } from '../../shared/run/contain.ts';
import { createRun, orderFor } from '../../shared/run/open.ts';
import { planContainment } from '../../shared/run/plan.ts';
import { instances, networkInterfaces } from '../../shared/sandbox/aws/ec2-rows.ts';
import { roles, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { users as entraUsers } from '../../shared/sandbox/azure/entra-users.ts';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { production, subscription, tenant } from '../support/company.ts';
import { changing, leakedKey, playbook, road } from '../support/road.ts';

/** Something protected: what it is as a target, how it comes to be so, and what the guard says of it. */
type Protected = {
  readonly target: JsonObject;
  readonly cloud?: 'azure';
  readonly settings?: Partial<Settings>;
  readonly estate?: (sandbox: Sandbox) => void;
  readonly says: 'deny' | 'ask';
  readonly reason: string;
};

const key = (userName: string, accessKeyId: string): JsonObject => ({
  type: 'aws.iam.access-key',
  id: `arn:aws:iam::${production}:user/${userName}#${accessKeyId}`,
  name: accessKeyId,
  userName,
  accessKeyId,
});
const session = (roleName: string, sessionName: string): JsonObject => ({
  type: 'aws.iam.role-session',
  id: `arn:aws:sts::${production}:assumed-role/${roleName}/${sessionName}`,
  name: `${roleName}/${sessionName}`,
  principalId: `AROASOMEROLE000000001:${sessionName}`,
  ...{ roleName, sessionName, kind: 'assumed' },
});
const instance = (instanceId: string): JsonObject => ({
  type: 'aws.ec2.instance',
  id: `arn:aws:ec2:eu-west-1:${production}:instance/${instanceId}`,
  name: instanceId,
  instanceId,
  interfaces: [],
});
const group = (groupId: string): JsonObject => ({
  type: 'aws.ec2.security-group',
  id: `arn:aws:ec2:eu-west-1:${production}:security-group/${groupId}`,
  name: groupId,
  groupId,
});
const inGroup = `/subscriptions/${subscription}/resourceGroups/rg-web/providers`;
const machine = (name: string): JsonObject => ({
  type: 'azure.compute.virtual-machine',
  id: `${inGroup}/Microsoft.Compute/virtualMachines/${name}`,
  name,
  resourceGroup: 'rg-web',
});
const nsg = (name: string): JsonObject => ({
  type: 'azure.network.security-group',
  id: `${inGroup}/Microsoft.Network/networkSecurityGroups/${name}`,
  name,
  resourceGroup: 'rg-web',
});
const person = (userPrincipalName: string): JsonObject => ({
  type: 'azure.entra.user',
  id: userPrincipalName,
  name: userPrincipalName,
  userPrincipalName,
  account: tenant,
});

const web = 'i-0aa11bb22cc33dd44';
const ciDeploy = key('ci-deploy', 'AKIACIDEPLOY00000001');
const addRole =
  (name: string, path = '/') =>
  ({ rows }: Sandbox): void =>
    rows.put(roles, `${production}/${name}`, {
      ...{
        account: production,
        name,
        path,
        roleId: 'AROASOMEROLE000000001',
        arn: `arn:aws:iam::${production}:role${path}${name}`,
      },
      ...{ trust: '{"Statement":[]}', attached: [], inline: {}, tags: {} },
    });
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
function promote({ rows }: Sandbox): void {
  const user = rows.get(users, `${production}/ci-deploy`);
  if (user) rows.put(users, `${production}/ci-deploy`, { ...user, attached: [administrator] });
}
function promoteRole({ rows }: Sandbox): void {
  const role = rows.get(roles, `${production}/northwind-federated-admin`);
  if (role) rows.put(roles, `${production}/northwind-federated-admin`, { ...role, attached: [administrator] });
}
/** Makes an interface of the web server's management group one that carries others' traffic. */
const carries =
  (interfaceType: string) =>
  ({ rows }: Sandbox): void => {
    const row = rows.get(networkInterfaces, 'eni-0aa11bb22cc33d002');
    if (row) rows.put(networkInterfaces, 'eni-0aa11bb22cc33d002', { ...row, interfaceType });
  };
function unchecked({ rows }: Sandbox): void {
  const row = rows.get(instances, web);
  if (row) rows.put(instances, web, { ...row, sourceDestCheck: false });
}
const tagged =
  (tags: Record<string, string>) =>
  ({ rows }: Sandbox): void => {
    const id = `${inGroup}/Microsoft.Compute/virtualMachines/vm-web-01`.toLowerCase();
    const row = rows.get(resources, id);
    if (row) rows.put(resources, id, { ...row, tags });
  };
/** Puts the group of the front end on a subnet of another name, or with something in it. */
const subnet =
  (name: string, more: JsonObject = {}) =>
  ({ rows }: Sandbox): void => {
    const id = `${inGroup}/Microsoft.Network/virtualNetworks/vnet-web`;
    const row = rows.get(resources, id.toLowerCase());
    if (!row) return;
    const properties = { networkSecurityGroup: { id: nsg('nsg-frontend')['id'] ?? '' }, ...more };
    const subnets = [{ name, id: `${id}/subnets/${name}`, properties }];
    rows.put(resources, id.toLowerCase(), { ...row, properties: { ...row.properties, subnets: asJson(subnets) } });
  };
const sync = 'Sync_CONNECT01_0a1b2c3d@northwind.example';
function addSync({ rows }: Sandbox): void {
  const [, one] = rows.all(entraUsers)[0] ?? [];
  const id = '0a1b2c3d-0000-4000-8000-00000000e0aa';
  if (one) rows.put(entraUsers, id, { ...one, id, userPrincipalName: sync });
}
const approver = (id: string): Partial<Settings> => ({
  people: [{ id, roles: ['approver'], accounts: ['*'], playbooks: ['*'], groups: [] }],
});
const deny = (reason: string) => ({ says: 'deny', reason }) as const;
const ask = (reason: string) => ({ says: 'ask', reason }) as const;
const sso = 'AWSReservedSSO_PowerUser_0123456789abcdef';

const everything: Readonly<Record<string, Protected>> = {
  'a break-glass user': {
    target: key('break-glass', 'AKIABREAKGLASS000001'),
    settings: { protectedPrincipals: [`arn:aws:iam::${production}:user/break-glass`] },
    ...deny('protected-principal'),
  },
  'an approver with a user in IAM': {
    target: ciDeploy,
    settings: approver(`arn:aws:iam::${production}:user/ci-deploy`),
    ...deny('protected-principal'),
  },
  'a responder called like the user': {
    target: ciDeploy,
    settings: { people: [{ id: 'CI-Deploy', roles: ['responder'], accounts: ['*'], playbooks: ['*'], groups: [] }] },
    ...deny('protected-principal'),
  },
  'the last user with AdministratorAccess': { target: ciDeploy, estate: promote, ...deny('last-administrator') },
  'the last role with AdministratorAccess': {
    target: session('northwind-federated-admin', 'jonas.berg@northwind.example'),
    estate: promoteRole,
    ...deny('last-administrator'),
  },
  'the role of our writer': { target: session('CordonWriter', 'cordon-x'), ...deny('protected-principal') },
  'the role of our reader': { target: session('CordonReader', 'cordon-x'), ...deny('protected-principal') },
  'our home': {
    target: session('cordon-home', 'somebody'),
    estate: addRole('cordon-home'),
    settings: { aws: { ...road().deps.settings.aws, homePrincipals: [`arn:aws:iam::${production}:role/cordon-home`] } },
    ...deny('protected-principal'),
  },
  'a session of an approver': {
    target: session('northwind-federated-admin', 'jonas.berg@northwind.example'),
    settings: approver('Jonas.Berg@northwind.example'),
    ...deny('protected-principal'),
  },
  'a service-linked role': {
    target: session('AWSServiceRoleForSupport', 'support'),
    estate: addRole('AWSServiceRoleForSupport', '/aws-service-role/support.amazonaws.com/'),
    ...deny('protected-principal'),
  },
  'a role of the organisation': {
    target: session('OrganizationAccountAccessRole', 'admin'),
    estate: addRole('OrganizationAccountAccessRole'),
    ...deny('protected-principal'),
  },
  'a role of IAM Identity Center, by IAM': { target: session(sso, 'maria'), ...deny('protected-principal') },
  root: {
    target: { type: 'other', kind: 'root', id: `arn:aws:iam::${production}:root`, name: 'root' },
    ...deny('protected-principal'),
  },
  'a NAT instance': { target: instance('i-0dd44ee55ff667788'), ...deny('protected-target') },
  'an appliance that routes': { target: instance(web), estate: unchecked, ...deny('protected-target') },
  'an instance with an endpoint': {
    target: instance(web),
    estate: carries('vpc_endpoint'),
    ...deny('protected-target'),
  },
  ...Object.fromEntries(
    ['nat_gateway', 'vpc_endpoint', 'network_load_balancer', 'gateway_load_balancer_endpoint', 'transit_gateway'].map(
      (type): [string, Protected] => [
        `a security group in front of a ${type}`,
        { target: group('sg-0aa11bb22cc330013'), estate: carries(type), ...deny('protected-target') },
      ],
    ),
  ),
  'a router': { cloud: 'azure', target: machine('vm-router-01'), ...deny('protected-target') },
  'a bastion by its tag': {
    cloud: 'azure',
    target: machine('vm-web-01'),
    estate: tagged({ Role: 'Bastion' }),
    ...ask('protected-target'),
  },
  'a domain controller by its tag': {
    cloud: 'azure',
    target: machine('vm-web-01'),
    estate: tagged({ 'server-role': 'DC' }),
    ...ask('protected-target'),
  },
  ...Object.fromEntries(
    ['GatewaySubnet', 'AzureFirewallSubnet', 'AzureBastionSubnet', 'RouteServerSubnet'].map(
      (name): [string, Protected] => [
        `the security group of ${name}`,
        { cloud: 'azure', target: nsg('nsg-frontend'), estate: subnet(name), ...deny('protected-target') },
      ],
    ),
  ),
  'the security group of a subnet with private endpoints': {
    cloud: 'azure',
    target: nsg('nsg-frontend'),
    estate: subnet('data', { privateEndpoints: [{ id: `${inGroup}/Microsoft.Network/privateEndpoints/pe-1` }] }),
    ...ask('protected-target'),
  },
  'the last Global Administrator': {
    cloud: 'azure',
    target: person('emergency-access@northwind.example'),
    ...deny('last-administrator'),
  },
  'an approver in Entra': {
    cloud: 'azure',
    target: person('jonas.berg@northwind.example'),
    settings: approver('Jonas.Berg@northwind.example'),
    ...deny('protected-principal'),
  },
  'a break-glass account by its object id': {
    cloud: 'azure',
    target: person('jonas.berg@northwind.example'),
    settings: { protectedPrincipals: ['0A1B2C3D-0000-4000-8000-00000000E001'] },
    ...deny('protected-principal'),
  },
  'the account that syncs the directory': {
    cloud: 'azure',
    target: person(sync),
    estate: addSync,
    ...deny('protected-principal'),
  },
};

/** The inputs of each action out of its target. */
const inputs: Readonly<Record<string, Json>> = {
  'aws.asg.detach-instance': { instanceId: '${target.instanceId}' },
  'aws.ec2.isolate-instance': { instanceId: '${target.instanceId}' },
  'aws.ec2.revoke-sg-rule': { groupId: '${target.groupId}', port: 22 },
  'aws.iam.disable-access-key': { userName: '${target.userName}', accessKeyId: '${target.accessKeyId}' },
  'aws.iam.quarantine-user': { userName: '${target.userName}' },
  'aws.iam.revoke-role-sessions': { roleName: '${target.roleName}' },
  'aws.iam.revoke-single-role-session': { roleName: '${target.roleName}', principalId: '${target.principalId}' },
  'azure.compute.isolate-virtual-machine': { virtualMachineId: '${target.id}' },
  'azure.entra.disable-user': { user: '${target.userPrincipalName}' },
  'azure.entra.revoke-sign-in-sessions': { user: '${target.userPrincipalName}' },
  'azure.network.close-nsg-port': { networkSecurityGroupId: '${target.id}', port: 22 },
  'azure.network.deny-address': {
    networkSecurityGroupId: '${target.id}',
    addresses: ['203.0.113.66'],
    direction: 'Inbound',
  },
};
/** Of another kind of target than any that is protected, or shown elsewhere. */
const elsewhere = ['aws.s3.', 'azure.storage.', 'aws.sso.'];
/** What an action may be used on beside the kind it is for: a key's user, a root user that is none. */
const also: Readonly<Record<string, readonly string[]>> = {
  'aws.iam.quarantine-user': ['aws.iam.access-key'],
};
const loaded = await Promise.all(Object.values(allActions).map(({ load }) => load()));
const destructive = loaded.filter(
  ({ id, cutsNothing }) => !cutsNothing && !elsewhere.some((prefix) => id.startsWith(prefix)),
);

const targetOf = ({ target, cloud }: Protected): Target =>
  Target.parse({ account: cloud ? subscription : production, region: '', role: 'affected', ...target });

function findingOf(one: Protected): Finding {
  const { finding } = leakedKey();
  const { actor: _, ...rest } = finding;
  const azure = { cloud: 'azure', provider: 'defender', account: subscription, region: 'westeurope' } as const;
  return { ...rest, ...(one.cloud && azure), id: 'protected', resources: [targetOf(one)] };
}

const using = (action: string, target: JsonObject): string => {
  const given = target['type'] === 'other' ? { userName: 'root', accessKeyId: 'AKIAROOT000000000001' } : inputs[action];
  return `
id: harm
title: Harm what is protected
on: { finding: { id: [protected] } }
mode: enforce
steps:
  - id: harm
    action: ${action}
    with: ${JSON.stringify(given)}
`;
};

/** Every action on everything protected that it could be used on. */
const table = Object.entries(everything).flatMap(([name, one]) =>
  destructive
    .filter(({ id, target }) => {
      const type = String(one.target['type']);
      return type === target || also[id]?.includes(type) || (type === 'other' && id === 'aws.iam.disable-access-key');
    })
    .map(({ id }) => [id, name, one] as const),
);

const notEditable = ({ target }: Protected): boolean =>
  /^AWS(ServiceRoleFor|ReservedSSO_)/.test(String(target['roleName'] ?? ''));

describe('what is protected is refused at the plan, and again right before the change whoever approved it', () => {
  test.each(table)('%s on %s', async (action, _, one) => {
    const { deps, sandbox, signal } = road(one.settings);
    one.estate?.(sandbox);
    const finding = findingOf(one);
    const requester = { kind: 'event', id: finding.id } as const;
    const envelope = { time: sandbox.clock.now(), replayed: false };
    const occasion = { finding, event: { id: finding.id }, envelope, requester, wants: 'enforce' } as const;
    const order = await orderFor(deps, playbook(using(action, one.target)), occasion, targetOf(one));
    await createRun(deps, order);

    const plan = await planContainment(deps, { order, signal });
    const [step] = plan === 'target-gone' ? [] : plan.steps;
    expect(step).toMatchObject({ decision: one.says, reason: one.reason });

    const journal = await openJournal(deps, order.id);
    const wanted = step ?? expect.unreachable('there is a step');
    const again = contain(deps, wanted, one.says === 'deny', { order, journal, signal });
    // an action that knows that it may not edit such a role says so itself, beside the guard
    if (notEditable(one)) await expect(again).rejects.toThrow('cannot be edited');
    else expect(await again).toMatchObject({ result: one.says === 'deny' ? 'stopped' : 'drifted', reason: one.reason });
    expect(changing({ sandbox })).toEqual([]);
  });

  test('and every action that cuts something off is among them', () => {
    const tried = new Set(table.map(([action]) => action));
    expect(destructive.filter(({ id }) => !tried.has(id)).map(({ id }) => id)).toEqual([]);
    expect(Object.keys(everything).filter((name) => !table.some(([, other]) => other === name))).toEqual([]);
  });
});

test('the last administrator is found behind a session too, where a step reaches for the person', async () => {
  const { deps, sandbox, signal } = road();
  const target = session('northwind-federated-admin', 'jonas.berg@northwind.example');
  const how = playbook(`
id: harm
title: Disable a person who is not the target
on: { finding: { id: [protected] } }
mode: enforce
steps:
  - id: disable
    action: azure.entra.disable-user
    in: "\${settings.tenant}"
    with: { user: emergency-access@northwind.example }
`);
  const finding = findingOf({ target, ...deny('') });
  const occasion = {
    finding,
    event: {},
    envelope: { time: sandbox.clock.now(), replayed: false },
    wants: 'enforce',
    requester: { kind: 'event', id: finding.id },
  } as const;
  const order = await orderFor(deps, how, occasion, targetOf({ target, ...deny('') }));
  const plan = await planContainment(deps, { order, signal });
  expect(own(plan, 'steps')).toMatchObject([{ decision: 'deny', reason: 'last-administrator' }]);
});
