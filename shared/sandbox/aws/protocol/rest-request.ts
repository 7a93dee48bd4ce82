import { NormalizedSchema } from '@smithy/core/schema';
import { isObject, own } from '../../../model/json.ts';
import type { HttpRequest } from '../../http.ts';
import { bindingOf } from './binding.ts';
import { type BodyCodec, readText } from './codec.ts';
import type { Decoded } from './dialect.ts';
import { AwsFault } from './fault.ts';
import { findRoute } from './route.ts';
import { boundMembersOf } from './schema.ts';
import type { AwsService } from './service.ts';

type Source = {
  readonly service: AwsService;
  readonly codec: BodyCodec;
  readonly request: HttpRequest;
  readonly labels: Readonly<Record<string, string>>;
};

function readQuery({ service, request }: Source, member: NormalizedSchema, name: string): unknown {
  const [first, ...more] = request.url.searchParams.getAll(name);
  if (first === undefined) return undefined;
  if (!member.isListSchema()) return readText(service, member, first);
  const item = member.getValueSchema();
  return [first, ...more].map((value) => readText(service, item, value));
}

function readPrefixed({ service, request }: Source, member: NormalizedSchema, prefix: string): unknown {
  const headers = Object.entries(request.headers).filter(([name]) => name.startsWith(prefix));
  if (headers.length === 0) return undefined;
  const item = member.getValueSchema();
  return Object.fromEntries(
    headers.map(([name, value]) => [name.slice(prefix.length), readText(service, item, value)]),
  );
}

async function readPayload({ service, codec, request }: Source, member: NormalizedSchema): Promise<unknown> {
  if (request.body.length === 0) return undefined;
  if (member.isBlobSchema()) return request.body;
  if (member.isStringSchema()) return Buffer.from(request.body).toString();
  return codec.read(service, member, request.body);
}

async function readMember(source: Source, name: string, member: NormalizedSchema, body: object): Promise<unknown> {
  const { service, request, labels } = source;
  const binding = bindingOf(member);
  const text = (value: string | undefined) => (value === undefined ? undefined : readText(service, member, value));
  switch (binding.at) {
    case 'label':
      return text(labels[name]);
    case 'header':
      return text(request.headers[binding.name]);
    case 'query':
      return readQuery(source, member, binding.name);
    case 'prefix':
      return readPrefixed(source, member, binding.name);
    case 'payload':
      return readPayload(source, member);
    case 'body':
      return own(body, name);
    case 'status':
      return undefined;
  }
}

/** The operation that a method and a path name, with its input gathered from everywhere HTTP carries it. */
export async function decodeRest(
  codec: BodyCodec,
  service: AwsService,
  request: HttpRequest,
  address: { readonly path: string; readonly bucket?: string | undefined },
): Promise<Decoded> {
  const route = findRoute(service.routes, request, address);
  const operation = route && service.operations.get(route.operation);
  if (route === undefined || operation === undefined)
    throw new AwsFault('InvalidAction', `Could not find operation ${request.method} ${request.url.pathname}.`);
  const schema = NormalizedSchema.of(operation.input);
  const members = boundMembersOf(schema);
  const source = { service, codec, request, labels: route.labels };
  const inBody = request.body.length > 0 && members.some(([, member]) => bindingOf(member).at === 'body');
  const body = inBody ? await codec.read(service, schema, request.body) : {};
  if (!isObject(body)) throw new AwsFault('SerializationException', 'The body must be an object.');
  const input: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const value = await readMember(source, name, member, body);
    if (value !== undefined) input[name] = value;
  }
  return { operation: operation.name, input };
}
