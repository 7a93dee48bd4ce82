import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { type Command, markFor } from '../../model/command.ts';
import { isObject, own } from '../../model/json.ts';
import type { Rehearsing } from '../../ports/clouds.ts';
import { clusterRehearsal } from '../kubernetes/rehearsal.ts';
import { type AzureConnection, azureSessions } from './sessions.ts';

/** What the client's own bookkeeping adds, and what must never be printed. */
const left = [
  'authorization',
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'date',
  'x-ms-date',
  'x-ms-useragent',
  'x-ms-client-request-id',
  'x-ms-return-client-request-id',
];

type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** Storage clients bring headers of an older class; writing themselves as text is all that both classes share. */
const headersOf = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(JSON.parse(String(headers)) as Record<string, string>) // both write an object of texts
      .map(([name, value]) => [name.toLowerCase(), value]),
  );
const worthTelling = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !left.includes(name)));

function respond(request: PipelineRequest, { status, headers, body }: Answer): PipelineResponse {
  const answered = createHttpHeaders(headers);
  return {
    request,
    status,
    headers: Object.assign(answered, { toJson: () => answered.toJSON() }),
    bodyAsText: body,
  };
}

const textOf = (body: unknown): string => {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : '';
};

/** A resource by its address, whatever version of the API or part of it is asked for. */
const addressOf = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`.toLowerCase();
};

/** A POST that only reads: how a cluster is reached. */
const isRead = (method: string, url: string): boolean =>
  method === 'GET' || method === 'HEAD' || /\/listClusterUserCredential\?/i.test(url);

const json = { 'content-type': 'application/json' };

/** A resource as Azure shows it after it was written whole. */
function written(url: string, body: string): Answer {
  const sent: unknown = JSON.parse(body || '{}');
  const { pathname } = new URL(url);
  const known = isObject(sent) ? sent : {};
  const properties = { ...(isObject(known['properties']) && known['properties']), provisioningState: 'Succeeded' };
  const shown = { ...known, id: pathname, name: pathname.split('/').at(-1), properties };
  return { status: 200, headers: json, body: JSON.stringify(shown) };
}

/** What is read after what would have been done, by address. */
type Shown = Map<string, Answer>;

/** A blob that was copied: what its source showed, with the metadata that was sent along. */
function copied(headers: Readonly<Record<string, string>>, shown: Shown): Answer {
  const source = shown.get(`read ${addressOf(headers['x-ms-copy-source'] ?? '')}`);
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-ms-meta-'));
  const of = Object.entries(source?.headers ?? {}).filter(([name]) => !name.startsWith('x-ms-meta-'));
  return { status: 200, headers: Object.fromEntries([...of, ...metadata]), body: '' };
}

const ruleOf = (answer: Answer): unknown => JSON.parse(answer.body);

/** A security group shows the rules that would have been written into it, and not those that would be gone. */
function withRules(url: string, body: string, shown: Shown): string {
  const inside = `${addressOf(url)}/securityrules/`;
  const touched = [...shown].filter(([address]) => address.startsWith(inside));
  if (touched.length === 0) return body;
  const group: unknown = JSON.parse(body);
  const properties = own(group, 'properties');
  const rules = own(properties, 'securityRules');
  if (!isObject(group) || !isObject(properties) || !Array.isArray(rules)) return body;
  const addresses = touched.map(([address]) => address);
  const kept = rules.filter((rule) => !addresses.includes(`${inside}${String(own(rule, 'name')).toLowerCase()}`));
  const securityRules = [...kept, ...touched.flatMap(([, answer]) => (answer === gone ? [] : ruleOf(answer)))];
  return JSON.stringify({ ...group, properties: { ...properties, securityRules } });
}

const gone: Answer = {
  status: 404,
  headers: { ...json, 'x-ms-error-code': 'NotFound' },
  body: '{"error":{"code":"NotFound","message":"It would be gone by now."}}',
};

/** Remembers how a resource looks after a change, and answers the change itself. */
function pretend(request: PipelineRequest, headers: Readonly<Record<string, string>>, shown: Shown): Answer {
  const { method, url } = request;
  const at = addressOf(url);
  if (method === 'DELETE') {
    shown.set(at, gone);
    return { status: new URL(url).host.endsWith('.blob.core.windows.net') ? 202 : 200, headers: {}, body: '' };
  }
  if (headers['x-ms-copy-source'] !== undefined) {
    shown.set(at, copied(headers, shown));
    return { status: 201, headers: { etag: '"0x0"', 'x-ms-copy-status': 'success' }, body: '' };
  }
  if (method === 'PUT' && new URL(url).searchParams.get('comp') === null) {
    const answer = written(url, textOf(request.body));
    shown.set(at, answer);
    return answer;
  }
  return { status: 200, headers: json, body: textOf(request.body) || '{}' };
}

/** A transport that reads and never changes anything. */
function rehearsing(network: HttpClient, note: (command: Command) => void): HttpClient {
  const shown: Shown = new Map();
  return {
    async sendRequest(request) {
      const { method, url } = request;
      if (isRead(method, url)) {
        const told = shown.get(addressOf(url));
        if (told) return respond(request, told);
        const response = await network.sendRequest(request);
        const headers = headersOf(response.headers);
        shown.set(`read ${addressOf(url)}`, { status: response.status, headers, body: '' });
        return { ...response, bodyAsText: withRules(url, response.bodyAsText ?? '', shown) };
      }
      const headers = headersOf(request.headers);
      const body = textOf(request.body);
      note({ kind: 'azure', method, url, headers: worthTelling(headers), body });
      return respond(request, pretend(request, headers, shown));
    },
  };
}

/** A session of the reader in which nothing can be changed: see `Clouds.rehearse`. */
export async function rehearseAzure(
  connection: AzureConnection,
  request: Rehearsing,
  note: (command: Command) => void,
): Promise<AzureSession> {
  const httpClient = rehearsing(connection.httpClient ?? createDefaultHttpClient(), note);
  const session = await azureSessions({ ...connection, httpClient })({ ...request, rights: 'reader' });
  const tokens = new Map<string, string>();
  const rehearse = clusterRehearsal(note);
  return {
    ...session,
    kubernetes: (id, address) => rehearse(session.kubernetes(id, address), { region: '' }),
    async token(audience) {
      const variable = `TOKEN${tokens.size === 0 ? '' : `_${tokens.size + 1}`}`;
      const mark = tokens.get(audience) ?? markFor(variable);
      if (!tokens.has(audience))
        note({ kind: 'azure-token', audience, gives: { variable, mark, query: 'accessToken' } });
      tokens.set(audience, mark);
      return mark;
    },
  };
}
