/** A request as both sandboxes read it, off a socket or from an SDK in this process. Header names are lower case. */
export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What both sandboxes answer. Header names are lower case. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** A response whose body may be given as text, sent as UTF-8. */
export const httpResponse = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array = '',
): HttpResponse => ({ status, headers, body: typeof body === 'string' ? Buffer.from(body) : body });
