import { type HttpRequest, type HttpResponse, httpResponse } from '../../http.ts';
import type { Decoded, Dialect } from './dialect.ts';
import { AwsFault } from './fault.ts';
import { jsonRpc } from './json-rpc.ts';
import { awsQuery, ec2Query } from './query.ts';
import { restJson } from './rest-response.ts';
import { s3 } from './s3.ts';
import { traitsOf } from './schema.ts';
import type { AwsService, Protocol } from './service.ts';

// Whoever serves requests reads, checks and answers them from here.
export { readSignature, type Signature, verifySignature } from './sigv4.ts';

/** One call, with its input as the SDK's command takes it: Dates and Uint8Arrays in place. */
export type AwsCall = {
  readonly service: string;
  readonly region: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
};

const dialects: Readonly<Record<Protocol, Dialect>> = {
  ec2Query,
  awsQuery,
  awsJson1_0: jsonRpc('1.0'),
  awsJson1_1: jsonRpc('1.1'),
  restJson1: restJson,
  restXml: s3,
};

/** The operation and the input of a request. Throws an AwsFault, as AWS would answer, for what it cannot read. */
export async function decodeCall(service: AwsService, request: HttpRequest): Promise<Decoded> {
  const { decode, malformed } = dialects[service.protocol];
  try {
    return await decode(service, request);
  } catch (cause) {
    if (cause instanceof AwsFault) throw cause;
    throw new AwsFault(malformed, 'The request could not be read.', { status: 400, cause });
  }
}

/** The response to a call that succeeded; members the model does not know are left out. */
export function encodeOutput(
  service: AwsService,
  operation: string,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): HttpResponse {
  const known = service.operations.get(operation);
  if (known === undefined) throw new AwsFault('InvalidAction', `${service.name} has no operation ${operation}.`);
  return dialects[service.protocol].output(service, known, output, requestId);
}

/** The response to a call that failed; without a service, for a request that names none, in the JSON of most. */
export function encodeFault(service: AwsService | undefined, fault: AwsFault, requestId: string): HttpResponse {
  if (service === undefined)
    return httpResponse(
      fault.status ?? 400,
      { 'content-type': 'application/json', 'x-amzn-errortype': fault.awsCode, 'x-amzn-requestid': requestId },
      JSON.stringify({ __type: fault.awsCode, message: fault.message }),
    );
  const model = service.errors.get(fault.awsCode);
  const { httpError } = model ? traitsOf(model) : {};
  const status = fault.status ?? (typeof httpError === 'number' ? httpError : 400);
  return dialects[service.protocol].fault(service, { fault, status, model }, requestId);
}
