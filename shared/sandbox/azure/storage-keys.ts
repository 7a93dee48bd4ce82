import { createHash, createHmac } from 'node:crypto';

/** Names of the two keys that every account has. */
export const keyNames = ['key1', 'key2'] as const;

/** A key of an account, in Base64: made of its name, so that every sandbox has the same one. */
export const accountKey = (account: string, key: (typeof keyNames)[number]): string =>
  createHash('sha512').update(`${account}/${key}`).digest('base64');

const hmac = (key: string, text: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');

/** Whether one of the account's keys made the signature of a text. */
export const isSigned = (account: string, text: string, signature: string): boolean =>
  keyNames.some((key) => hmac(accountKey(account, key), text) === signature);

/** The members of a user delegation key by which the service knows it again. */
export type Delegation = {
  readonly oid: string;
  readonly tid: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
};

/** A key that a principal of Entra was given: no account key has anything to do with it. */
export const delegationKey = (account: string, delegation: Delegation): string =>
  createHash('sha256')
    .update(JSON.stringify([account, ...Object.values(delegation)]))
    .digest('base64');

/** Whether a user delegation key made the signature of a text. */
export const isDelegated = (account: string, delegation: Delegation, text: string, signature: string): boolean =>
  hmac(delegationKey(account, delegation), text) === signature;
