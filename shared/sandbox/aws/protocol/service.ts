import type { $SchemaRef, StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import { CordonError } from '../../../model/error.ts';
import { type Route, routesOf } from './route.ts';
import { isError, isOperation, traitsOf } from './schema.ts';

const protocols = ['ec2Query', 'awsQuery', 'awsJson1_0', 'awsJson1_1', 'restJson1', 'restXml'] as const;

/** How a service spells its messages: https://smithy.io/2.0/aws/protocols/index.html */
export type Protocol = (typeof protocols)[number];

/** One operation as its model describes it; `http` where the protocol binds it to a method and a path. */
export type AwsOperation = {
  readonly name: string;
  readonly input: $SchemaRef;
  readonly output: $SchemaRef;
  readonly http?: { readonly method: string; readonly uri: string; readonly status: number };
};

/** What a client package knows about its service, turned round to serve it. */
export type AwsService = {
  /** The name its requests are signed for: `ec2`, `iam`, `s3`, `sso`, `events`. */
  readonly name: string;
  readonly protocol: Protocol;
  /** The namespace of its shapes: `com.amazonaws.ec2`. */
  readonly namespace: string;
  /** The namespace of its XML; empty where it speaks JSON. */
  readonly xmlNamespace: string;
  readonly operations: ReadonlyMap<string, AwsOperation>;
  /** Modelled errors by the code on the wire. */
  readonly errors: ReadonlyMap<string, StaticErrorSchema>;
  /** Where requests go that name their operation by method and path. */
  readonly routes: readonly Route[];
};

type ClientConfig = {
  readonly defaultSigningName: string;
  readonly protocol: { getShapeId(): string };
  readonly protocolSettings: { readonly defaultNamespace?: string; readonly xmlNamespace?: unknown };
};

type AwsClient = new (settings: {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}) => { readonly config: ClientConfig };

const protocolOf = ({ defaultSigningName, protocol }: ClientConfig): Protocol => {
  const id = protocol.getShapeId().split('#')[1];
  const known = protocols.find((name) => name === id);
  if (known !== undefined) return known;
  throw new CordonError({
    code: 'sandbox-protocol-unknown',
    message: `The client of ${defaultSigningName} speaks ${id}, which the sandbox does not.`,
    remedy: `Use one of ${protocols.join(', ')}.`,
  });
};

const operationOf = (schema: StaticOperationSchema): AwsOperation => {
  const [, , name, , input, output] = schema;
  const { http } = traitsOf(schema);
  if (http === undefined) return { name, input, output };
  const [method, uri, status] = http;
  return { name, input, output, http: { method, uri, status } };
};

/** The code that an error has on the wire: the awsQueryError trait's where there is one, else the shape's name. */
const wireCode = (schema: StaticErrorSchema): string => {
  const { awsQueryError } = traitsOf(schema);
  return Array.isArray(awsQueryError) ? String(awsQueryError[0]) : schema[2];
};

/** The service behind an SDK client package, as in `awsService(await import('@aws-sdk/client-iam'), IAMClient)`. */
export function awsService(module: object, Client: AwsClient): AwsService {
  // A client opens no connection before its first request, and this one never makes any.
  const { config } = new Client({ region: 'us-east-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } });
  const { defaultNamespace = '', xmlNamespace } = config.protocolSettings;
  const exported: readonly unknown[] = Object.values(module);
  const operations = new Map(exported.filter(isOperation).map((schema) => [schema[2], operationOf(schema)]));
  return {
    name: config.defaultSigningName,
    protocol: protocolOf(config),
    namespace: defaultNamespace,
    xmlNamespace: typeof xmlNamespace === 'string' ? xmlNamespace : '',
    operations,
    errors: new Map(exported.filter(isError).map((schema) => [wireCode(schema), schema])),
    routes: routesOf(operations.values()),
  };
}
