import * as z from 'zod';
import { resourceOf } from './arm.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';
import { type ResourceRow, resources } from './rows.ts';

const type = 'Microsoft.Resources/tags';
const suffix = `/providers/${type}/default`;
const limit = 50;

type Tags = Readonly<Record<string, string>>;
const Patch = z.looseObject({
  operation: z.enum(['Merge', 'Replace', 'Delete']),
  properties: z.looseObject({ tags: z.record(z.string(), z.string()).default({}) }).prefault({}),
});

const scopeOf = ({ url }: AzureCall): string => decodeURIComponent(url.pathname).slice(0, -suffix.length);

const shown = ({ id, tags }: ResourceRow) => ({
  id: `${id}${suffix}`,
  name: 'default',
  type,
  properties: { tags: { ...tags } },
});

/** Names of tags are compared without case; a name that is there keeps its spelling. */
const spelt = (tags: Tags, name: string): string =>
  Object.keys(tags).find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;

const without = (tags: Tags, name: string, value: string): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key, held]) => key !== spelt(tags, name) || held !== value));

const changes: Readonly<Record<'Merge' | 'Replace' | 'Delete', (before: Tags, given: Tags) => Tags>> = {
  Merge: (before, given) => ({
    ...before,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [spelt(before, name), value])),
  }),
  Replace: (_, given) => given,
  Delete: (before, given) => Object.entries(given).reduce((tags, [name, value]) => without(tags, name, value), before),
};

function check(tags: Tags): void {
  const bad = Object.keys(tags).find((name) => name.length > 512 || /[<>%&\\?/]/.test(name));
  if (bad !== undefined)
    throw new AzureFault(400, 'InvalidTagNameCharacters', `The tag names '${bad}' have reserved characters.`);
  if (Object.keys(tags).length > limit)
    throw new AzureFault(400, 'InvalidTags', `The resource has more than the maximum of ${limit} tags.`);
}

function update(call: AzureCall) {
  const { rows } = call.world;
  const row = resourceOf({ view: rows }, scopeOf(call));
  const { operation, properties } = Patch.parse(call.body);
  const tags = changes[operation](row.tags, properties.tags);
  check(tags);
  const written = { ...row, tags, revision: row.revision + 1 };
  rows.put(resources, row.id.toLowerCase(), written);
  return { status: 200, body: shown(written) };
}

const group = '/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/{namespace}/{type}/{name}';

const at = (path: string): readonly AzureOperation[] => [
  {
    host: 'arm',
    method: 'GET',
    path: `${path}${suffix}`,
    operation: `${type}/read`,
    reads: true,
    needs: (call) => [{ action: `${type}/read`, scope: scopeOf(call) }],
    does: (call) => ({ status: 200, body: shown(resourceOf(call, scopeOf(call))) }),
  },
  {
    host: 'arm',
    method: 'PATCH',
    path: `${path}${suffix}`,
    operation: `${type}/write`,
    reads: false,
    needs: (call) => [{ action: `${type}/write`, scope: scopeOf(call) }],
    does: update,
  },
];

/** The tags of any resource, apart from it (learn.microsoft.com/rest/api/resources/tags/update-at-scope). */
export const resourceTags = azureNoun({
  name: 'resourceTags',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: at(group),
});
