import { ResourceManagementClient } from '@azure/arm-resources';
import * as z from 'zod';
import { parseArmId } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import { azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';
import { completed } from './long-running.ts';

/** learn.microsoft.com/azure/azure-resource-manager/management/tag-resources, "Limitations". */
const TagName = z.string().regex(/^[^<>%&\\?/#]{1,512}$/, 'without < > % & \\ ? / #');
const TagValue = z.string().max(256);
const runTag = 'cordon:run';

const onResource = (verb: string) => ({ allow: `Microsoft.Resources/tags/${verb}`, on: '{resourceId}' });

const split = (resource: string): readonly [scope: string, name: string] => {
  const at = resource.indexOf('#');
  return [resource.slice(0, at), resource.slice(at + 1)];
};

/** The SDK puts the slash before a scope itself. */
const scopeOf = (id: string): string => id.replace(/^\//, '');

/** Names of tags are compared without case; the value of one that is there, else null. */
function held(tags: Readonly<Record<string, string>>, name: string): string | null {
  const [, value] = Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase()) ?? [];
  return value ?? null;
}

/**
 * Tags a resource with what happened to it, and with the run, beside the tags it has
 * (learn.microsoft.com/rest/api/resources/tags/update-at-scope). Each tag is a change of its own: a release takes back
 * those that still read as we left them.
 */
export const resourcesTagResource = azureAction({
  id: 'azure.resources.tag-resource',
  title: 'Tag a resource',
  target: 'other',
  d3fend: 'D3-AI',
  cutsNothing: true,
  input: z.strictObject({
    resourceId: z
      .string()
      .refine((id) => parseArmId(id) !== undefined, 'must be the id of an Azure resource')
      .describe('The resource, by its ARM id.'),
    tags: z.record(TagName, TagValue).default({}).describe('Tags beside the one that names the run.'),
  }),
  value: TagValue,
  permissions: { read: [onResource('read')], write: [onResource('write')] },
  settles: { seconds: 5 },
  cautions: ['Whoever may write tags may change or delete these.'],
  examples: [
    {
      resourceId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01',
      tags: { incident: 'IR-2026-118' },
    },
  ],
}).does({
  async capture(azure, { resourceId, tags }, { signal: abortSignal }) {
    const { tagsOperations } = azure.client(ResourceManagementClient);
    const found = await unlessAbsent(() => tagsOperations.getAtScope(scopeOf(resourceId), { abortSignal }));
    if (!found) return {};
    const present = found.properties.tags ?? {};
    const names = [runTag, ...Object.keys(tags).filter((name) => name.toLowerCase() !== runTag)];
    return Object.fromEntries(names.map((name) => [`${resourceId}#${name}`, held(present, name)]));
  },
  plan: ({ tags }, seen, { runId }) =>
    Object.fromEntries(
      Object.keys(seen).map((resource) => {
        const [, name] = split(resource);
        return [resource, name === runTag ? runId : String(own(tags, name) ?? '')];
      }),
    ),
  async apply(azure, { resource, from, to }, step) {
    const [scope, name] = split(resource);
    const { tagsOperations } = azure.client(ResourceManagementClient);
    const patch =
      to === null
        ? { operation: 'Delete', properties: { tags: { [name]: from ?? '' } } }
        : { operation: 'Merge', properties: { tags: { [name]: to } } };
    await completed(tagsOperations.updateAtScope(scopeOf(scope), patch, { abortSignal: step.signal }), step);
  },
});
