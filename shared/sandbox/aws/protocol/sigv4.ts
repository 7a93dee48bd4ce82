import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../../http.ts';

/** What a request claims about who signed it, when and for what; nothing in it is true until it is verified. */
export type Signature = {
  readonly accessKeyId: string;
  readonly sessionToken?: string;
  readonly service: string;
  readonly region: string;
  /** When it was signed, as AWS writes it: `20260131T235959Z`. */
  readonly date: string;
  /** How long a presigned URL is good for. */
  readonly expiresSeconds?: number;
  /** Whether the signature is in the URL. */
  readonly presigned: boolean;
  readonly signedHeaders: readonly string[];
  /** The signature itself, in hex. */
  readonly value: string;
};

const algorithm = 'AWS4-HMAC-SHA256';
const unsignedPayloads = ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'];

type Claim = {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly value: string | undefined;
  readonly date: string | undefined;
  readonly sessionToken: string | undefined;
  readonly expires?: string | undefined;
  readonly presigned: boolean;
};

function claimInHeader({ headers }: HttpRequest): Claim | undefined {
  const { authorization = '' } = headers;
  if (!authorization.startsWith(`${algorithm} `)) return undefined;
  const part = (name: string) => new RegExp(`[ ,]${name}=([^, ]+)`).exec(authorization)?.[1];
  return {
    credential: part('Credential'),
    signedHeaders: part('SignedHeaders'),
    value: part('Signature'),
    date: headers['x-amz-date'],
    sessionToken: headers['x-amz-security-token'],
    presigned: false,
  };
}

function claimInQuery({ url }: HttpRequest): Claim | undefined {
  const part = (name: string) => url.searchParams.get(`X-Amz-${name}`) ?? undefined;
  if (part('Algorithm') !== algorithm) return undefined;
  return {
    credential: part('Credential'),
    signedHeaders: part('SignedHeaders'),
    value: part('Signature'),
    date: part('Date'),
    sessionToken: part('Security-Token'),
    expires: part('Expires'),
    presigned: true,
  };
}

/**
 * Which service and region a request is signed for, and by which access key, in its header or in its URL;
 * undefined when it is unsigned. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function readSignature(request: HttpRequest): Signature | undefined {
  const claim = claimInHeader(request) ?? claimInQuery(request);
  if (claim === undefined) return undefined;
  const { credential = '', signedHeaders = '', value = '', date = '', sessionToken, expires, presigned } = claim;
  const [accessKeyId = '', day, region = '', service = '', end] = credential.split('/');
  if (accessKeyId === '' || end !== 'aws4_request' || day !== date.slice(0, 8)) return undefined;
  return {
    accessKeyId,
    service,
    region,
    date,
    presigned,
    value,
    signedHeaders: signedHeaders.split(';'),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expires === undefined ? {} : { expiresSeconds: Number(expires) }),
  };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Percent-encoding of all but RFC 3986's unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Percent-encoded text as it was meant; text that is not properly encoded stays, and no signature will fit it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** S3 signs the path as it stands; all others encode it once more and leave empty segments out. */
function canonicalPath({ pathname }: URL, service: string): string {
  const segments = pathname.split('/').slice(1);
  if (service === 's3') return `/${segments.map((segment) => encode(decode(segment))).join('/')}`;
  const named = segments.filter(Boolean).map(encode);
  return `/${named.join('/')}${named.length > 0 && pathname.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery({ search }: URL): string {
  const pairs = search.slice(1).split('&').filter(Boolean);
  const encoded = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [encode(decode(name)), encode(decode(value.join('=')))] as const;
  });
  return encoded
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => (a === b ? Number(x > y) - Number(x < y) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** The hash the signature covers; undefined when the body is not the one that was signed. */
function payloadHash({ headers, url, body }: HttpRequest, { service, presigned }: Signature): string | undefined {
  const actual = sha256(body);
  const inUrl = url.searchParams.get('X-Amz-Content-Sha256') ?? (service === 's3' ? 'UNSIGNED-PAYLOAD' : undefined);
  const claimed = headers['x-amz-content-sha256'] ?? (presigned ? inUrl : undefined) ?? actual;
  const unsigned = service === 's3' && unsignedPayloads.includes(claimed);
  return unsigned || claimed === actual ? claimed : undefined;
}

function canonicalRequest(request: HttpRequest, signature: Signature): string | undefined {
  const hash = payloadHash(request, signature);
  const names = signature.signedHeaders;
  if (hash === undefined || !names.includes('host')) return undefined;
  if (names.some((name) => request.headers[name] === undefined)) return undefined;
  return [
    request.method,
    canonicalPath(request.url, signature.service),
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
}

/**
 * Whether the holder of the secret signed this very request. Only S3 may leave the body out of the signature;
 * signed chunks are refused, for nobody here looks at their signatures. How old a signature may be is the caller's affair.
 */
export function verifySignature(request: HttpRequest, signature: Signature, secretAccessKey: string): boolean {
  const canonical = canonicalRequest(request, signature);
  if (canonical === undefined) return false;
  const scope = [signature.date.slice(0, 8), signature.region, signature.service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const expected = hmac(key, [algorithm, signature.date, scope.join('/'), sha256(canonical)].join('\n'));
  const given = Buffer.from(signature.value, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
