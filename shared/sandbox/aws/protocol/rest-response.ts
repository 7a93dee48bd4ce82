import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef } from '@smithy/types';
import { type HttpResponse, httpResponse } from '../../http.ts';
import { bindingOf } from './binding.ts';
import { type BodyCodec, json, writeText } from './codec.ts';
import type { Dialect } from './dialect.ts';
import { errorObject } from './error-object.ts';
import { decodeRest } from './rest-request.ts';
import { boundMembersOf } from './schema.ts';
import type { AwsService } from './service.ts';

type Value = Readonly<Record<string, unknown>>;

type Draft = {
  status: number;
  readonly headers: Record<string, string>;
  payload: { readonly type: string; readonly body: string | Uint8Array } | undefined;
};

function payloadOf(codec: BodyCodec, service: AwsService, member: NormalizedSchema, value: unknown): Draft['payload'] {
  if (value instanceof Uint8Array) return { type: 'application/octet-stream', body: value };
  if (typeof value === 'string') return { type: 'text/plain', body: value };
  return { type: codec.contentType, body: codec.write(service, member, value) };
}

function place(codec: BodyCodec, service: AwsService, draft: Draft, member: NormalizedSchema, value: unknown): void {
  const binding = bindingOf(member);
  if (binding.at === 'status') draft.status = Number(value);
  if (binding.at === 'payload') draft.payload = payloadOf(codec, service, member, value);
  if (binding.at === 'header') draft.headers[binding.name] = writeText(service, member, value);
  if (binding.at === 'prefix')
    for (const [name, text] of Object.entries(value ?? {})) draft.headers[`${binding.name}${name}`] = String(text);
}

/** An output or an error taken apart into status, headers and body, as its model binds it. */
export function writeRest(
  codec: BodyCodec,
  service: AwsService,
  ref: $SchemaRef,
  value: Value,
  status: number,
): HttpResponse {
  const schema = NormalizedSchema.of(ref);
  const members = boundMembersOf(schema);
  const draft: Draft = { status, headers: {}, payload: undefined };
  const rest = { ...value };
  let hasBody = '__type' in value; // an error is told in the body, whatever its model holds
  for (const [name, member] of members) {
    if (bindingOf(member).at === 'body') {
      hasBody = true;
      continue;
    }
    if (value[name] !== undefined && value[name] !== null) place(codec, service, draft, member, value[name]);
    delete rest[name];
  }
  const payload = hasBody ? { type: codec.contentType, body: codec.write(service, schema, rest) } : draft.payload;
  const headers = { ...(payload && { 'content-type': payload.type }), ...draft.headers };
  return httpResponse(draft.status, headers, payload?.body);
}

/** GuardDuty, Lambda: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export const restJson: Dialect = {
  malformed: 'SerializationException',
  decode: (service, request) => decodeRest(json, service, request, { path: request.url.pathname }),
  output: (service, { output: schema, http }, output, requestId) => {
    const response = writeRest(json, service, schema, output, http?.status ?? 200);
    return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
  },
  fault: (service, settled, requestId) => {
    const { schema, value } = errorObject(settled);
    const response = writeRest(json, service, schema, value, settled.status);
    const headers = { 'x-amzn-requestid': requestId, 'x-amzn-errortype': settled.fault.awsCode };
    return { ...response, headers: { ...response.headers, ...headers } };
  },
};
