import { CordonError } from '../../model/error.ts';
import { type HttpResponse, httpResponse } from '../http.ts';

/** What the simulated Azure refuses, by the code ARM, Graph or Storage puts on the wire. */
export class AzureFault extends CordonError {
  readonly azureCode: string;
  readonly status: number;

  constructor(status: number, azureCode: string, message: string, retryAfterSeconds?: number) {
    super({
      code: 'sandbox-fault',
      message,
      retryable: retryAfterSeconds !== undefined,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
    this.azureCode = azureCode;
    this.status = status;
  }
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The fault as its host spells errors: ARM and Graph in JSON, Blob Storage in XML. */
export function faultResponse(host: 'arm' | 'graph' | 'blob', fault: AzureFault, requestId: string): HttpResponse {
  const { azureCode: code, message, status, retryAfterSeconds } = fault;
  const headers = {
    'x-ms-request-id': requestId,
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
  if (host === 'blob') {
    const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error>`;
    return httpResponse(status, { ...headers, 'content-type': 'application/xml', 'x-ms-error-code': code }, body);
  }
  return httpResponse(
    status,
    { ...headers, 'content-type': 'application/json' },
    JSON.stringify({ error: { code, message } }),
  );
}
