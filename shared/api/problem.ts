import { CordonError, InvalidInput, ProviderError } from '../model/error.ts';

/** The HTTP status of the codes that are not plain bad requests. */
const statuses: { readonly [code: string]: number } = {
  unauthenticated: 401,
  forbidden: 403,
  'four-eyes': 403,
  'not-asked': 403,
  'not-from-the-page': 403,
  'no-such-route': 404,
  'no-such-run': 404,
  'no-such-playbook': 404,
  'no-such-approval': 404,
  'no-such-breaker': 404,
  'no-such-part': 404,
  'no-such-canary': 404,
  'no-examiner': 404,
  'already-answered': 409,
  'already-voted': 409,
  'nothing-to-answer': 409,
  'approval-lapsed': 409,
  'home-elsewhere': 409,
  'other-plan': 409,
  'stage-changes-nothing': 409,
  'is-a-release': 409,
  'run-not-over': 409,
  'body-too-large': 413,
  'not-json-content': 415,
};

const titles: { readonly [status: number]: string } = {
  400: 'The request does not fit',
  401: 'Nobody can be told from the request',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible as things stand',
  413: 'Too large',
  415: 'Not JSON',
  500: 'Something broke',
  502: 'The cloud refused a call',
  503: 'Try again',
};

/** The HTTP status of a fault. */
export function statusOf(fault: unknown): number {
  if (!(fault instanceof CordonError)) return 500;
  const known = Object.hasOwn(statuses, fault.code) ? statuses[fault.code] : undefined;
  if (known !== undefined) return known;
  if (fault.retryable) return 503;
  if (fault instanceof ProviderError) return 502;
  return fault instanceof InvalidInput ? 400 : 500;
}

/** A fault as `application/problem+json` (RFC 9457): a stable code, never a stack, nothing of what we do not know. */
export function problemOf(fault: unknown): Response {
  const status = statusOf(fault);
  const known = fault instanceof CordonError ? fault : undefined;
  const code = known?.code ?? 'internal';
  const body = {
    type: `urn:cordon:problem:${code}`,
    title: titles[status],
    status,
    code,
    ...(known && { detail: known.message }),
    ...(known?.remedy !== undefined && { remedy: known.remedy }),
    ...(known?.place?.path !== undefined && { path: known.place.path }),
  };
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  if (status === 503) headers.set('retry-after', '5');
  return new Response(JSON.stringify(body), { status, headers });
}
