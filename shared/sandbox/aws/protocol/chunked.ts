import type { HttpRequest } from '../../http.ts';
import { AwsFault } from './fault.ts';

const lineEnd = Buffer.from('\r\n');

const incomplete = (): AwsFault =>
  new AwsFault('IncompleteBody', 'The request body terminated unexpectedly.', { status: 400 });

type Line = { readonly text: string; readonly next: number };

function lineAt(body: Buffer, at: number): Line {
  const end = body.indexOf(lineEnd, at);
  if (end < 0) throw incomplete();
  return { text: body.toString('latin1', at, end), next: end + lineEnd.length };
}

/** The trailing headers after the last chunk; the empty line that ends them may be missing. */
function trailersOf(body: Buffer, from: number): Record<string, string> {
  const lines = body.toString('latin1', from).split('\r\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw incomplete();
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function readChunks(body: Buffer): { readonly content: Buffer; readonly trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const { text, next } = lineAt(body, at);
    const size = /^[0-9a-f]{1,8}(?=;|$)/i.exec(text)?.[0];
    if (size === undefined) throw incomplete();
    const end = next + Number.parseInt(size, 16);
    if (end === next) return { content: Buffer.concat(chunks), trailers: trailersOf(body, next) };
    if (!body.subarray(end, end + lineEnd.length).equals(lineEnd)) throw incomplete();
    chunks.push(body.subarray(next, end));
    at = end + lineEnd.length;
  }
}

const isChunked = ({ headers }: HttpRequest): boolean =>
  (headers['content-encoding'] ?? '').split(',').some((coding) => coding.trim() === 'aws-chunked') ||
  (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');

/**
 * A request with its aws-chunked body put together and its trailers among the headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html; chunk signatures are not looked at.
 */
export function unchunk(request: HttpRequest): HttpRequest {
  if (!isChunked(request)) return request;
  const { content, trailers } = readChunks(Buffer.from(request.body));
  const { 'content-encoding': encoding = '', ...headers } = request.headers;
  const others = encoding.split(',').filter((coding) => !['aws-chunked', ''].includes(coding.trim()));
  return {
    ...request,
    body: content,
    headers: {
      ...headers,
      ...trailers,
      'content-length': String(content.length),
      ...(others.length > 0 && { 'content-encoding': others.join(',').trim() }),
    },
  };
}
