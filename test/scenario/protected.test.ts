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
import { resourcePolicies, roles, users } from '../../shared/sandbox/aws/iam-rows.ts';
import { functions } from '../../shared/sandbox/aws/lambda-rows.ts';
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
const pipeline: JsonObject = {
  type: 'azure.entra.service-principal',
  id: '0a1b2c3d-0000-4000-8000-00000000a001',
  name: 'invoice-reader',
  account: tenant,
};
const assignment = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments/0a1b2c3d-0000-4000-8000-00000000d002`;

const itself = (roleName: string): JsonObject => ({
  type: 'aws.iam.role',
  id: `arn:aws:iam::${production}:role/${roleName}`,
  name: roleName,
  roleName,
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
/** Those whom the company has forgotten are administrators no longer. */
function demoteOthers({ rows }: Pick<Sandbox, 'rows'>): void {
  const [user, role] = [rows.get(users, `${production}/svc-backup`), rows.get(roles, `${production}/backup-agent`)];
  if (user) rows.put(users, `${production}/svc-backup`, { ...user, attached: [] });
  if (role) rows.put(roles, `${production}/backup-agent`, { ...role, attached: [] });
}
function promote({ rows }: Sandbox): void {
  demoteOthers({ rows });
  const user = rows.get(users, `${production}/ci-deploy`);
  if (user) rows.put(users, `${production}/ci-deploy`, { ...user, attached: [administrator] });
}
/** The same role, and everybody may assume it. */
function openToAll({ rows }: Sandbox): void {
  promoteRole({ rows });
  const name = `${production}/northwind-federated-admin`;
  const trust = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}';
  const role = rows.get(roles, name);
  if (role) rows.put(roles, name, { ...role, trust });
}
function promoteRole({ rows }: Pick<Sandbox, 'rows'>): void {
  demoteOthers({ rows });
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

const ownFunction = `arn:aws:lambda:eu-west-1:${production}:function:cordon-production-on-run`;
/** A function called like ours, open in every way there is. */
function openFunction({ rows }: Sandbox): void {
  const row = rows.get(functions, ownFunction.replace('cordon-production-on-run', 'invoices'));
  if (row) rows.put(functions, ownFunction, { ...row, name: 'cordon-production-on-run', arn: ownFunction });
  const Statement = { Sid: 'open', Effect: 'Allow', Principal: '*', Action: 'lambda:*', Resource: ownFunction };
  rows.put(resourcePolicies, ownFunction, {
    account: production,
    document: JSON.stringify({ Statement: [Statement] }),
  });
}
const kept = (member: string, value: string): Partial<Settings> => ({
  protections: [{ name: 'the order book', when: { target: { [member]: [value] } }, decision: 'deny', kind: 'target' }],
});
const data = (type: string, kind: string, id: string, more: JsonObject): JsonObject => ({
  ...{ type, id: `arn:aws:rds:eu-west-1:${production}:${kind}:${id}`, name: id, region: 'eu-west-1' },
  ...more,
});

const shared = (type: string, member: string, id: string): JsonObject => ({
  ...{ type, id: `arn:aws:ec2:eu-west-1:${production}:${type.split('.').at(-1)}/${id}`, name: id, region: 'eu-west-1' },
  [member]: id,
});
const inResourceGroup = (resourceGroup: string, path: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${path}`;
const aks = inResourceGroup('rg-web', 'Microsoft.ContainerService/managedClusters/aks-web');
const servers = [
  ['azure.sql.server', 'rg-data', 'Microsoft.Sql/servers/sql-northwind'],
  ['azure.postgres.server', 'rg-data', 'Microsoft.DBforPostgreSQL/flexibleServers/psql-northwind'],
  ['azure.mysql.server', 'rg-data', 'Microsoft.DBforMySQL/flexibleServers/mysql-northwind'],
  ['azure.web.site', 'rg-web', 'Microsoft.Web/sites/northwind-shop'],
] as const;

const everything: Readonly<Record<string, Protected>> = {
  'a function called like ours': {
    target: {
      ...{ type: 'aws.lambda.function', id: ownFunction, name: 'cordon-production-on-run', region: 'eu-west-1' },
      functionName: 'cordon-production-on-run',
    },
    estate: openFunction,
    ...ask('protected-target'),
  },
  'a database that the company protects': {
    target: data('aws.rds.instance', 'db', 'orders-1', { instanceIdentifier: 'orders-1' }),
    settings: kept('instanceIdentifier', 'orders-1'),
    ...deny('protected-target'),
  },
  'a database snapshot that the company protects': {
    target: data('aws.rds.snapshot', 'snapshot', 'reports-2026-11', {
      snapshotIdentifier: 'reports-2026-11',
      ofCluster: false,
    }),
    settings: kept('snapshotIdentifier', 'reports-2026-11'),
    ...deny('protected-target'),
  },
  'an image that the company protects': {
    target: shared('aws.ec2.image', 'imageId', 'ami-0aa11bb22cc33d601'),
    settings: kept('imageId', 'ami-0aa11bb22cc33d601'),
    ...deny('protected-target'),
  },
  'a snapshot that the company protects': {
    target: shared('aws.ebs.snapshot', 'snapshotId', 'snap-0aa11bb22cc33d501'),
    settings: kept('snapshotId', 'snap-0aa11bb22cc33d501'),
    ...deny('protected-target'),
  },
  'a pod that EKS itself works through': {
    target: {
      ...{ type: 'aws.eks.workload', id: `arn:aws:eks:eu-west-1:${production}:cluster/shop/kube-system/pods/coredns` },
      ...{ clusterName: 'shop', namespace: 'kube-system', kind: 'pods', workload: 'coredns-6f4d', images: [] },
      name: 'coredns-6f4d',
      region: 'eu-west-1',
    },
    ...ask('protected-target'),
  },
  'a pod that AKS itself works through': {
    cloud: 'azure',
    target: {
      ...{ type: 'azure.aks.workload', id: `${aks}/namespaces/kube-system/pods/coredns-5d78c9869d-8kz4q` },
      ...{ clusterId: aks, namespace: 'kube-system', kind: 'pods', workload: 'coredns-5d78c9869d-8kz4q' },
      name: 'coredns-5d78c9869d-8kz4q',
    },
    ...ask('protected-target'),
  },
  ...Object.fromEntries(
    servers.map(([type, resourceGroup, path]): [string, Protected] => [
      `${path} that the company protects`,
      {
        cloud: 'azure',
        target: { type, resourceGroup, id: inResourceGroup(resourceGroup, path), name: path.split('/').at(-1) ?? '' },
        settings: kept('name', path.split('/').at(-1) ?? ''),
        ...deny('protected-target'),
      },
    ]),
  ),
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
  'the last role with AdministratorAccess, itself': {
    target: itself('northwind-federated-admin'),
    estate: openToAll,
    ...ask('last-administrator'),
  },
  'a role that Identity Center keeps, itself': {
    target: itself('AWSReservedSSO_PowerUser_0123456789abcdef'),
    ...deny('protected-principal'),
  },
  'the role of our writer, itself': { target: itself('CordonWriter'), ...deny('protected-principal') },
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
  'an application that is named by the id of its service principal': {
    cloud: 'azure',
    target: pipeline,
    settings: { protectedPrincipals: ['0A1B2C3D-0000-4000-8000-00000000A001'] },
    ...deny('protected-principal'),
  },
  'an application that is named by its client id': {
    cloud: 'azure',
    target: pipeline,
    settings: { protectedPrincipals: ['0a1b2c3d-0000-4000-8000-00000000b001'] },
    ...deny('protected-principal'),
  },
  'the role of a principal that is protected': {
    cloud: 'azure',
    target: { type: 'azure.role-assignment', id: assignment, name: 'd002', scope: `/subscriptions/${subscription}` },
    settings: { protectedPrincipals: ['0a1b2c3d-0000-4000-8000-00000000a002'] },
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
  'aws.ec2.unshare-image': { imageId: '${target.imageId}' },
  'aws.ec2.unshare-snapshot': { snapshotId: '${target.snapshotId}' },
  'aws.eks.isolate-pod': {
    ...{ clusterName: '${target.clusterName}', namespace: '${target.namespace}', workload: '${target.workload}' },
  },
  'aws.iam.close-role-trust': { roleName: '${target.roleName}', principals: ['*'] },
  'aws.iam.detach-role-policy': { roleName: '${target.roleName}', policy: 'administer' },
  'aws.iam.detach-user-policy': { userName: '${target.userName}', policy: 'deploy' },
  'aws.iam.disable-console-login': { userName: '${target.userName}' },
  'aws.iam.disable-access-key': { userName: '${target.userName}', accessKeyId: '${target.accessKeyId}' },
  'aws.iam.quarantine-user': { userName: '${target.userName}' },
  'aws.iam.revoke-role-sessions': { roleName: '${target.roleName}' },
  'aws.iam.revoke-single-role-session': { roleName: '${target.roleName}', principalId: '${target.principalId}' },
  'aws.lambda.lock-function-url': { functionName: '${target.functionName}' },
  'aws.lambda.remove-public-permission': { functionName: '${target.functionName}' },
  'aws.lambda.throttle-to-zero': { functionName: '${target.functionName}' },
  'aws.rds.disable-public-access': { instanceIdentifier: '${target.instanceIdentifier}' },
  'aws.rds.unshare-snapshot': { snapshotIdentifier: '${target.snapshotIdentifier}' },
  'azure.aks.isolate-pod': {
    ...{ clusterId: '${target.clusterId}', namespace: '${target.namespace}', workload: '${target.workload}' },
  },
  ...Object.fromEntries(
    ['sql', 'postgres', 'mysql'].map((kind) => [`azure.${kind}.remove-firewall-rule`, { serverId: '${target.id}' }]),
  ),
  'azure.web.restrict-access': { siteId: '${target.id}' },
  'azure.compute.isolate-virtual-machine': { virtualMachineId: '${target.id}' },
  'azure.authorization.remove-role-assignment': { roleAssignmentId: '${target.id}' },
  'azure.compute.deallocate-virtual-machine': { virtualMachineId: '${target.id}' },
  'azure.entra.disable-service-principal': { servicePrincipal: '${target.id}' },
  'azure.entra.remove-application-credential': {
    servicePrincipalId: '${target.id}',
    keyId: '0a1b2c3d-0000-4000-8000-00000000b0b1',
  },
  'azure.entra.disable-user': { user: '${target.userPrincipalName}' },
  'azure.entra.revoke-sign-in-sessions': { user: '${target.userPrincipalName}' },
  'azure.network.close-nsg-port': { networkSecurityGroupId: '${target.id}', port: 22 },
  'azure.network.deny-address': {
    networkSecurityGroupId: '${target.id}',
    addresses: ['203.0.113.66'],
    direction: 'Inbound',
  },
};
/** Of another kind of target than any that is protected, shown elsewhere, or no harm to what carries the traffic of others. */
const elsewhere = [
  ...['aws.s3.', 'azure.storage.', 'aws.sso.'],
  ...['aws.ec2.replace-instance-profile', 'aws.vpc.deny-address'],
];
/** What an action may be used on beside the kind it is for: a key's user, a root user that is none. */
const also: Readonly<Record<string, readonly string[]>> = {
  'aws.iam.detach-user-policy': ['aws.iam.access-key'],
  'aws.iam.disable-console-login': ['aws.iam.access-key'],
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
