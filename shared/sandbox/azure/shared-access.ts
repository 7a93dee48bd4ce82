import { own } from '../../model/json.ts';
import { has } from './authorise.ts';
import { AzureFault } from './fault.ts';
import type { AzureCall, Need } from './operation.ts';
import { principals } from './rows.ts';
import { type Delegation, isDelegated, isSigned } from './storage-keys.ts';
import { accountNamed } from './storage-rows.ts';

/** What a call to Blob Storage is about, as a signature names it. */
export type Asked = {
  readonly account: string;
  readonly container: string;
  /** Undefined for a call about the container. */
  readonly name: string | undefined;
  /** The letter by which a signature permits it: `r`, `w`, `d`, `l`. */
  readonly letter: string;
  /** What the principal behind a user delegation key needs for it. */
  readonly need: Need;
};

const failed = (): AzureFault =>
  new AzureFault(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
  );

/** Null counts as allowed (learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent). */
function requireSharedKey({ world }: AzureCall, account: string): void {
  if (own(accountNamed(world.rows, account).properties, 'allowSharedKeyAccess') === false)
    throw new AzureFault(
      403,
      'KeyBasedAuthenticationNotPermitted',
      'Key based authentication is not permitted on this storage account.',
    );
}

const plainHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

/** What a key signs of a request (learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key). Its date is not looked at. */
function stringToSign({ url, headers }: AzureCall, method: string, account: string): string {
  const value = (name: string) => (name === 'content-length' && headers[name] === '0' ? '' : (headers[name] ?? ''));
  const vendors = Object.keys(headers).filter((name) => name.startsWith('x-ms-'));
  const queries = [...url.searchParams].map(([name, one]) => [name.toLowerCase(), one] as const);
  return [
    method,
    ...plainHeaders.map(value),
    ...vendors.sort().map((name) => `${name}:${(headers[name] ?? '').trimStart()}`),
    `/${account}${url.pathname}`,
    ...queries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => `${name}:${one}`),
  ].join('\n');
}

function byKey(call: AzureCall, method: string, account: string, authorization: string): true {
  const [named, signature = ''] = authorization.slice('SharedKey '.length).split(':');
  if (named !== account || !isSigned(account, stringToSign(call, method, account), signature)) throw failed();
  requireSharedKey(call, account);
  return true;
}

type Query = (name: string) => string;

/** learn.microsoft.com/rest/api/storageservices/create-account-sas, from version 2020-12-06. */
const accountSasText = (q: Query, account: string): string =>
  `${[account, ...['sp', 'ss', 'srt', 'st', 'se', 'sip', 'spr', 'sv', 'ses'].map(q)].join('\n')}\n`;

const answerHeaders = ['rscc', 'rscd', 'rsce', 'rscl', 'rsct'];

/** learn.microsoft.com/rest/api/storageservices/create-service-sas, from version 2020-12-06. */
const serviceSasText = (q: Query, resource: string): string =>
  [
    ...['sp', 'st', 'se'].map(q),
    resource,
    ...['si', 'sip', 'spr', 'sv', 'sr', 'snapshot', 'ses', ...answerHeaders].map(q),
  ].join('\n');

/** learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas, versions 2020-12-06 to 2025-05-05. */
const delegationSasText = (q: Query, resource: string): string =>
  [
    ...['sp', 'st', 'se'].map(q),
    resource,
    ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'saoid', 'suoid', 'scid'].map(q),
    ...['sip', 'spr', 'sv', 'sr', 'snapshot', 'ses', ...answerHeaders].map(q),
  ].join('\n');

const notPermitted = (): AzureFault =>
  new AzureFault(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  );

/** A signature speaks for as long as it says, and for what it names. */
function checkTerms({ world }: AzureCall, q: Query, { letter }: Asked): void {
  if (Date.parse(q('se')) <= world.clock.milliseconds) throw failed();
  if (q('st') !== '' && Date.parse(q('st')) > world.clock.milliseconds) throw failed();
  if (!q('sp').includes(letter)) throw notPermitted();
}

function bySignature(call: AzureCall, asked: Asked): true {
  const q: Query = (name) => call.url.searchParams.get(name) ?? '';
  const { account, container, name } = asked;
  const resource = `/blob/${account}/${container}${q('sr') === 'b' ? `/${name ?? ''}` : ''}`;
  if (q('skoid') !== '') return byDelegation(call, q, asked, resource);
  const text = q('ss') === '' ? serviceSasText(q, resource) : accountSasText(q, account);
  if (!isSigned(account, text, q('sig'))) throw failed();
  requireSharedKey(call, account);
  checkTerms(call, q, asked);
  return true;
}

/** Signed with a key of a principal, who must still have the right; no key of the account is needed. */
function byDelegation(call: AzureCall, q: Query, asked: Asked, resource: string): true {
  if (q('sv') >= '2025-07-05')
    throw new AzureFault(501, 'NotImplemented', 'the sandbox models user delegation signatures up to 2025-05-05');
  const delegation: Delegation = {
    oid: q('skoid'),
    tid: q('sktid'),
    start: q('skt'),
    expiry: q('ske'),
    service: q('sks'),
    version: q('skv'),
  };
  if (!isDelegated(asked.account, delegation, delegationSasText(q, resource), q('sig'))) throw failed();
  const principal = call.world.rows.get(principals, delegation.oid);
  if (!principal || Date.parse(delegation.expiry) <= call.world.clock.milliseconds) throw failed();
  checkTerms(call, q, asked);
  if (!has(principal, asked.need)) throw notPermitted();
  return true;
}

/** Whether a call is served for the key or the signature that it brings; a fault where that is no good, false where it brings none. */
export function sharedAccess(call: AzureCall, method: string, asked: Asked): boolean {
  const { headers, url } = call;
  const authorization = headers['authorization'] ?? '';
  if (authorization.startsWith('SharedKey ')) return byKey(call, method, asked.account, authorization);
  return url.searchParams.has('sig') && bySignature(call, asked);
}
