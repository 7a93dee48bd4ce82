import type { Cluster, ClusterAnswer, ClusterRequest } from '../../actions/kubernetes/cluster.ts';
import type { Command } from '../../model/command.ts';
import { isObject, own } from '../../model/json.ts';

/** What would have been done, by cluster and path: objects written whole or deleted (`null`), and what was merged into objects. */
type Done = { readonly written: Map<string, unknown>; readonly merged: Map<string, unknown[]> };
type Rehearse = (cluster: Cluster, place: { readonly region: string }) => Cluster;

/** RFC 7396, as API servers apply it. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  return merged;
}

const headers = { 'content-type': 'application/json' };
const answered = (status: number, body: unknown): ClusterAnswer => ({ status, headers, body: JSON.stringify(body) });
const gone = answered(404, {
  kind: 'Status',
  status: 'Failure',
  reason: 'NotFound',
  message: 'It would be gone by now.',
});

/** A person may run a command long after: it names no version, so that only what it says itself is changed. */
function withoutVersion(body: string): string {
  const said: unknown = JSON.parse(body);
  const metadata = own(said, 'metadata');
  if (!isObject(said) || !isObject(metadata)) return body;
  const { resourceVersion: _, ...rest } = metadata;
  return JSON.stringify({ ...said, metadata: rest });
}

const mergedInto = ({ merged }: Done, path: string, object: unknown): unknown =>
  (merged.get(path) ?? []).reduce(mergePatch, object);

/** What was written whole or deleted, as a read of it would be answered. */
function written(done: Done, path: string): ClusterAnswer | undefined {
  const object = done.written.get(path);
  if (object === undefined) return undefined;
  return object === null ? gone : answered(200, mergedInto(done, path, object));
}

/** A read as it would be answered after what would have been done. */
function shown(done: Done, path: string, answer: ClusterAnswer): ClusterAnswer {
  if (answer.status !== 200) return answer;
  const object: unknown = JSON.parse(answer.body);
  const items = own(object, 'items');
  if (!isObject(object) || !Array.isArray(items)) return answered(200, mergedInto(done, path, object));
  const pathOf = (item: unknown): string => `${path}/${String(own(own(item, 'metadata'), 'name'))}`;
  return answered(200, { ...object, items: items.map((item) => mergedInto(done, pathOf(item), item)) });
}

function pretend(done: Done, { method, body }: ClusterRequest, path: string): ClusterAnswer {
  const said: unknown = JSON.parse(body || '{}');
  if (method === 'DELETE') done.written.set(path, null);
  else if (method === 'PATCH') done.merged.set(path, [...(done.merged.get(path) ?? []), said]);
  else done.written.set(method === 'POST' ? `${path}/${String(own(own(said, 'metadata'), 'name'))}` : path, said);
  return answered(method === 'POST' ? 201 : 200, method === 'DELETE' ? { kind: 'Status', status: 'Success' } : said);
}

/** Makes clusters in which nothing can be changed: what would be is noted, and shown when it is read afterwards. */
export function clusterRehearsal(note: (command: Command) => void): Rehearse {
  const done: Done = { written: new Map(), merged: new Map() };
  return ({ name, send }, place) => ({
    name,
    async send(request, signal) {
      const path = request.path.split('?')[0] ?? '';
      const known = `${name}${path}`;
      if (request.method === 'GET') {
        return written(done, known) ?? shown(done, known, await send(request, signal));
      }
      const { method } = request;
      const body = request.body === '' ? '' : withoutVersion(request.body);
      note({ kind: 'kubernetes', cluster: name, ...place, method, path, body });
      return pretend(done, { ...request, body }, known);
    },
  });
}
