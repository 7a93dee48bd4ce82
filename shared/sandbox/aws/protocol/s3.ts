import { type HttpRequest, type HttpResponse, httpResponse } from '../../http.ts';
import { unchunk } from './chunked.ts';
import { xml } from './codec.ts';
import type { Dialect } from './dialect.ts';
import { errorElement } from './error-element.ts';
import { decodeRest } from './rest-request.ts';
import { writeRest } from './rest-response.ts';
import { structure, text } from './schema.ts';

/** `bucket.s3.eu-west-1.amazonaws.com`, `bucket.s3.dualstack.eu-west-1.amazonaws.com`, `bucket.localhost:4566`. */
const virtualHost = /^(?<bucket>.+)\.(?:s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?|localhost)(?::\d+)?$/;

/** The bucket in the host or in the path, and the path below it. */
function addressOf({ headers, url }: HttpRequest): { readonly bucket?: string; readonly path: string } {
  const hosted = virtualHost.exec(headers.host ?? url.host)?.groups?.bucket;
  if (hosted !== undefined) return { bucket: hosted, path: url.pathname };
  const [, bucket = '', path = '/'] = /^\/([^/]*)(\/.*)?$/.exec(url.pathname) ?? [];
  return bucket === '' ? { path } : { bucket: decodeURIComponent(bucket), path };
}

const withIds = (response: HttpResponse, requestId: string): HttpResponse => ({
  ...response,
  headers: { ...response.headers, 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
});

/** GetBucketLocation answers with its only member alone: the root is that member's element. */
const unwrapped = (response: HttpResponse): HttpResponse => {
  const body = Buffer.from(response.body).toString();
  const inner = body.replace('<LocationConstraint>', '').replace('</LocationConstraint>', '');
  return { ...response, body: Buffer.from(inner) };
};

/** S3, whose addresses, errors and chunked bodies are its own: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
export const s3: Dialect = {
  malformed: 'MalformedXML',
  decode: async (service, request) => {
    const plain = unchunk(request);
    return decodeRest(xml, service, plain, addressOf(plain));
  },
  output: (service, { name, output: schema, http }, output, requestId) => {
    const response = withIds(writeRest(xml, service, schema, output, http?.status ?? 200), requestId);
    return name === 'GetBucketLocation' ? unwrapped(response) : response;
  },
  fault: (service, settled, requestId) => {
    const { members, value } = errorElement(settled);
    const schema = structure('Error', { ...members, RequestId: text, HostId: text });
    // S3's errors, unlike its outputs, are in no namespace.
    const body = xml.write({ ...service, xmlNamespace: '' }, schema, {
      ...value,
      RequestId: requestId,
      HostId: requestId,
    });
    return withIds(httpResponse(settled.status, { 'content-type': 'application/xml' }, body), requestId);
  },
};
