import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer, JsonCodec2, ToStringShapeSerializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, CodecSettings } from '@smithy/types';
import type { AwsService } from './service.ts';

const dateTime = 5; // the SDK's number for timestamps as RFC 3339 text
const epochSeconds = 7; // and for timestamps as numbers

const textSettings = (service: AwsService): CodecSettings => ({
  timestampFormat: { useTrait: true, default: dateTime },
  httpBindings: service.protocol.startsWith('rest'),
});

const jsonCodec = (service: AwsService): JsonCodec2 =>
  new JsonCodec2({
    timestampFormat: { useTrait: true, default: epochSeconds },
    jsonName: service.protocol === 'restJson1',
  });

const xmlSettings = (service: AwsService) => ({
  ...textSettings(service),
  xmlNamespace: service.xmlNamespace,
  serviceNamespace: service.namespace,
});

/** The value of a header, a label or a form field. Throws on a timestamp or a number it cannot read. */
export function readText(service: AwsService, schema: NormalizedSchema, text: string): unknown {
  const value: unknown = new FromStringShapeDeserializer(textSettings(service)).read(schema, text);
  if (Number.isNaN(value) && text !== 'NaN') throw new TypeError(`${schema.getMemberName()} must be a number.`);
  return value;
}

/** A value as a header holds it. */
export function writeText(service: AwsService, schema: NormalizedSchema, value: unknown): string {
  const serializer = new ToStringShapeSerializer(textSettings(service));
  serializer.write(schema, value);
  return serializer.flush();
}

/** Bytes as they are: the SDK's JSON comes as a subclass that complains when it is taken for text. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** How a service spells a structure in a body. */
export type BodyCodec = {
  readonly contentType: string;
  read(service: AwsService, schema: $SchemaRef, body: Uint8Array): Promise<unknown>;
  write(service: AwsService, schema: $SchemaRef, value: unknown): string | Uint8Array;
};

/** Bodies of JSON, after https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export const json: BodyCodec = {
  contentType: 'application/json',
  read: async (service, schema, body) => {
    const text = Buffer.from(body).toString();
    if (!text.trimStart().startsWith('{')) throw new TypeError('The body must be a JSON object.');
    return jsonCodec(service).createDeserializer().read(NormalizedSchema.of(schema), text);
  },
  write: (service, schema, value) => {
    const serializer = jsonCodec(service).createSerializer();
    serializer.write(NormalizedSchema.of(schema), value);
    return plainBytes(serializer.flush());
  },
};

/** Bodies of XML, after https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
export const xml: BodyCodec = {
  contentType: 'application/xml',
  read: async (service, schema, body) =>
    new XmlShapeDeserializer(xmlSettings(service)).read(NormalizedSchema.of(schema), body),
  write: (service, schema, value) => {
    const serializer = new XmlShapeSerializer(xmlSettings(service));
    serializer.write(NormalizedSchema.of(schema), value);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush()}`;
  },
};
