import { NormalizedSchema } from '@smithy/core/schema';
import { isObject } from '../../../model/json.ts';
import { type HttpResponse, httpResponse } from '../../http.ts';
import { json } from './codec.ts';
import type { Dialect } from './dialect.ts';
import { errorObject } from './error-object.ts';
import { AwsFault } from './fault.ts';

/** SSO Admin, Identity Store, EventBridge: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export const jsonRpc = (version: '1.0' | '1.1'): Dialect => {
  const answer = (status: number, requestId: string, body: string | Uint8Array): HttpResponse =>
    httpResponse(status, { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId }, body);
  return {
    malformed: 'SerializationException',
    decode: async (service, request) => {
      const name = (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
      const operation = service.operations.get(name);
      if (operation === undefined) throw new AwsFault('InvalidAction', `Could not find operation ${name}.`);
      if (request.body.length === 0) return { operation: name, input: {} };
      const input = await json.read(service, operation.input, request.body);
      if (!isObject(input)) throw new AwsFault('SerializationException', 'The body must be a JSON object.');
      return { operation: name, input };
    },
    output: (service, { output: schema }, output, requestId) =>
      answer(200, requestId, NormalizedSchema.of(schema).isUnitSchema() ? '{}' : json.write(service, schema, output)),
    fault: (service, settled, requestId) => {
      const { schema, value } = errorObject(settled);
      return answer(settled.status, requestId, json.write(service, schema, value));
    },
  };
};
