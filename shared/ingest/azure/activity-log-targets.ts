import { parseExtensionId } from '../../model/identifiers.ts';
import { below } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { armTarget, armTargets, subscriptionOf } from './arm-target.ts';

const assignment = /^(.*)\/providers\/Microsoft\.Authorization\/roleAssignments\/([^/?#%\\]+)$/i;
const rule = /\/networkSecurityGroups\/[^/]+\/securityRules\/([^/?#%\\]+)$/i;
const firewallRule = /\/(?:servers|flexibleServers)\/[^/]+\/firewallRules\/([^/?#%\\]+)$/i;

type Level = Extract<Target, { readonly type: 'azure.role-assignment' }>['level'];

const levels: readonly (readonly [form: RegExp, level: Level])[] = [
  [/^\/?$/, 'tenant'],
  [/^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i, 'management-group'],
  [/^\/subscriptions\/[^/]+$/i, 'subscription'],
  [/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i, 'resource-group'],
];

const levelOf = (scope: string): Level => levels.find(([form]) => form.test(scope))?.[1] ?? 'resource';

/** A role assignment, with whom it was given to where the request says so. */
function assignmentOf(id: string, owner: string, request: unknown): Target | undefined {
  const [, scope, name] = assignment.exec(id) ?? [];
  if (scope === undefined || name === undefined) return undefined;
  const principal = below(request, 'properties', 'principalid');
  return {
    type: 'azure.role-assignment',
    id,
    name,
    account: subscriptionOf(id) ?? owner,
    region: '',
    role: 'affected',
    scope: scope || '/',
    level: levelOf(scope),
    ...(typeof principal === 'string' && principal !== '' && { principalId: principal.toLowerCase() }),
  };
}

/** Parts of a resource or subscription that are targets themselves: what is restored is the part. */
const parts = [
  { kind: 'Microsoft.Security/pricings', type: 'azure.defender.plan' },
  { kind: 'Microsoft.Insights/diagnosticSettings', type: 'azure.monitor.diagnostic-setting' },
] as const;

/** A plan of Defender or a diagnostic setting, with what it is on; the resource that is watched stands beside it. */
function watchOf(id: string, owner: string): readonly Target[] {
  return parts.flatMap(({ kind, type }): readonly Target[] => {
    const { scope, name } = parseExtensionId(id, kind) ?? {};
    if (scope === undefined || name === undefined) return [];
    const common = { account: subscriptionOf(id) ?? owner, region: '', role: 'affected' } as const;
    return [{ type, id, name, ...common, scope }, armTarget(scope, 'related', owner)];
  });
}

/** What only this change says of the resource: the rule that was written, or that strangers are let in. */
function withNews(target: Target, id: string, request: unknown): Target {
  if (target.role !== 'affected') return target;
  if (target.type === 'azure.network.security-group') {
    const name = rule.exec(id)?.[1];
    return name === undefined ? target : { ...target, rule: name };
  }
  if (
    target.type === 'azure.sql.server' ||
    target.type === 'azure.postgres.server' ||
    target.type === 'azure.mysql.server'
  ) {
    const name = firewallRule.exec(id)?.[1];
    return name === undefined ? target : { ...target, rule: name };
  }
  if (target.type === 'azure.storage.account' && below(request, 'properties', 'allowblobpublicaccess') === true)
    return { ...target, opened: true };
  return target;
}

/** What was changed, by its resource id and the body of the request, where the event has it. */
export function changedTargets(id: string, owner: string, request: unknown): readonly Target[] {
  const granted = assignmentOf(id, owner, request);
  if (granted) return [granted];
  const watch = watchOf(id, owner);
  if (watch.length > 0) return watch;
  return armTargets(id, 'affected', owner).map((target) => withNews(target, id, request));
}
