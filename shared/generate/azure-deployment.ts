import { isObject, type Json } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Generated } from './generated.ts';
import { shippedPlaybooks } from './roles.ts';

const folder = 'functions/azure/deploy';
const file = (name: string, content: object): Generated => ({
  path: `${folder}/${name}.generated.json`,
  text: `${JSON.stringify(content, undefined, 2)}\n`,
});

/** Every pattern over a finding in a trigger. */
const findingPatterns = ({ on }: Playbook): readonly Json[] => {
  const either: Json = on.$or ?? [];
  return [on, ...(Array.isArray(either) ? either : [])].flatMap(
    (one) => (isObject(one) && one['finding'] !== undefined ? [one['finding'] as Json] : []), // JSON inside of JSON
  );
};

const listOf = (pattern: Json, key: string): readonly Json[] => {
  const list = isObject(pattern) ? pattern[key] : undefined;
  return Array.isArray(list) ? list : [];
};

/** The types that triggers name for a provider, as far as they have a form. */
function typesOf(playbooks: readonly Playbook[], provider: string, form: RegExp): readonly string[] {
  const types = playbooks
    .flatMap(findingPatterns)
    .filter((pattern) => listOf(pattern, 'provider').includes(provider))
    .flatMap((pattern) => listOf(pattern, 'type'));
  return [...new Set(types.filter((type) => typeof type === 'string' && form.test(type)).map(String))].sort();
}

/** What the Bicep of the deployment loads beside the rights of the identities: what its event subscriptions let through. */
export async function azureDeployment(root: URL): Promise<readonly Generated[]> {
  const playbooks = await shippedPlaybooks(root);
  return [
    file('events', {
      operations: typesOf(playbooks, 'activity-log', /^Microsoft\.[\w./]+\/(write|delete|action)$/),
      policies: typesOf(playbooks, 'azure-policy', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    }),
  ];
}
