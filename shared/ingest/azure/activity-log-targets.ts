import { below } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { armTargets, subscriptionOf } from './arm-target.ts';

const assignment = /^(.*)\/providers\/Microsoft\.Authorization\/roleAssignments\/([^/?#%\\]+)$/i;
const rule = /\/networkSecurityGroups\/[^/]+\/securityRules\/([^/?#%\\]+)$/i;

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
    ...(typeof principal === 'string' && principal !== '' && { principalId: principal.toLowerCase() }),
  };
}

/** What only this change says of the resource: the rule that was written, or that strangers are let in. */
function withNews(target: Target, id: string, request: unknown): Target {
  if (target.role !== 'affected') return target;
  if (target.type === 'azure.network.security-group') {
    const name = rule.exec(id)?.[1];
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
  return armTargets(id, 'affected', owner).map((target) => withNews(target, id, request));
}
