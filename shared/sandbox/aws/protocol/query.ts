import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef } from '@smithy/types';
import { type HttpRequest, type HttpResponse, httpResponse } from '../../http.ts';
import { readText, xml } from './codec.ts';
import type { Decoded, Dialect } from './dialect.ts';
import { errorElement } from './error-element.ts';
import { AwsFault } from './fault.ts';
import { boundMembersOf, membersOf, structure, text } from './schema.ts';
import type { AwsService } from './service.ts';

/** A form whose names are paths, as a tree: `Tags.member.1.Key=a` is four levels deep. */
type Form = { value?: string; readonly children: Map<string, Form> };

const empty = (): Form => ({ children: new Map() });

function formOf(fields: URLSearchParams): Form {
  const root = empty();
  for (const [path, value] of fields) {
    let form = root;
    for (const name of path.split('.')) {
      const child = form.children.get(name) ?? empty();
      form.children.set(name, child);
      form = child;
    }
    form.value = value;
  }
  return root;
}

/** The children named 1, 2, 3 ..., in the order of their numbers. */
const numbered = (form: Form | undefined): readonly Form[] =>
  [...(form?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The name of a member in a form, after the query-key resolution of each protocol's specification. */
function keyOf(service: AwsService, name: string, member: NormalizedSchema): string {
  const { xmlName, ec2QueryName } = member.getMergedTraits();
  if (service.protocol === 'awsQuery') return xmlName ?? name;
  return typeof ec2QueryName === 'string' ? ec2QueryName : capital(xmlName ?? name);
}

function readStructure(service: AwsService, schema: NormalizedSchema, form: Form): Record<string, unknown> {
  const members = boundMembersOf(schema).flatMap(([name, member]) => {
    const child = form.children.get(keyOf(service, name, member));
    return child === undefined ? [] : [[name, readForm(service, member, child)] as const];
  });
  return Object.fromEntries(members);
}

function readList(service: AwsService, schema: NormalizedSchema, form: Form): unknown {
  const item = schema.getValueSchema();
  const flat = service.protocol === 'ec2Query' || schema.getMergedTraits().xmlFlattened;
  const items = flat ? form : form.children.get(item.getMergedTraits().xmlName ?? 'member');
  return numbered(items).map((child) => readForm(service, item, child));
}

function readMap(service: AwsService, schema: NormalizedSchema, form: Form): unknown {
  const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
  const entries = numbered(schema.getMergedTraits().xmlFlattened ? form : form.children.get('entry'));
  return Object.fromEntries(
    entries.map(({ children }) => [
      children.get(key.getMergedTraits().xmlName ?? 'key')?.value ?? '',
      readForm(service, value, children.get(value.getMergedTraits().xmlName ?? 'value') ?? empty()),
    ]),
  );
}

function readForm(service: AwsService, schema: NormalizedSchema, form: Form): unknown {
  if (schema.isStructSchema()) return readStructure(service, schema, form);
  if (schema.isListSchema()) return readList(service, schema, form);
  if (schema.isMapSchema()) return readMap(service, schema, form);
  return readText(service, schema, form.value ?? '');
}

async function decode(service: AwsService, request: HttpRequest): Promise<Decoded> {
  const fields =
    request.method === 'GET' ? request.url.searchParams : new URLSearchParams(Buffer.from(request.body).toString());
  const name = fields.get('Action');
  if (name === null) throw new AwsFault('MissingAction', 'The request must contain the parameter Action.');
  const operation = service.operations.get(name);
  if (operation === undefined) throw new AwsFault('InvalidAction', `Could not find operation ${name}.`);
  return {
    operation: name,
    input: readStructure(service, NormalizedSchema.of(operation.input), formOf(fields)),
  };
}

const answer = (
  service: AwsService,
  status: number,
  requestId: string,
  schema: $SchemaRef,
  value: Readonly<Record<string, unknown>>,
): HttpResponse =>
  httpResponse(
    status,
    { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
    xml.write(service, schema, value),
  );

/** EC2's own: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
export const ec2Query: Dialect = {
  malformed: 'InvalidParameterValue',
  decode,
  output: (service, operation, output, requestId) => {
    const schema = structure(`${operation.name}Response`, { requestId: text, ...membersOf(operation.output) });
    return answer(service, 200, requestId, schema, { ...output, requestId });
  },
  fault: (service, settled, requestId) => {
    const { members, value } = errorElement(settled);
    const errors = structure('Errors', { Error: structure('Error', members) });
    const schema = structure('Response', { Errors: errors, RequestID: text });
    return answer(service, settled.status, requestId, schema, { Errors: { Error: value }, RequestID: requestId });
  },
};

/** IAM, STS, Auto Scaling: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const awsQuery: Dialect = {
  malformed: 'MalformedInput',
  decode,
  output: (service, operation, output, requestId) => {
    const result = `${operation.name}Result`;
    const hasResult = NormalizedSchema.of(operation.output).isStructSchema();
    const schema = structure(`${operation.name}Response`, {
      ...(hasResult && { [result]: operation.output }),
      ResponseMetadata: structure('ResponseMetadata', { RequestId: text }),
    });
    return answer(service, 200, requestId, schema, { [result]: output, ResponseMetadata: { RequestId: requestId } });
  },
  fault: (service, settled, requestId) => {
    const { members, value } = errorElement(settled);
    const schema = structure('ErrorResponse', {
      Error: structure('Error', { Type: text, ...members }),
      RequestId: text,
    });
    const error = { ...value, Type: settled.status < 500 ? 'Sender' : 'Receiver' };
    return answer(service, settled.status, requestId, schema, { Error: error, RequestId: requestId });
  },
};
