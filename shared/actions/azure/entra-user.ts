import * as z from 'zod';
import { own } from '../../model/json.ts';
import type { AzureSession } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

/** An object id or a user principal name, as Graph takes either (learn.microsoft.com/graph/api/user-get). */
export const UserKey = z
  .string()
  .regex(
    /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^\s/?$@\\%\p{Cc}\p{Cs}]+@[\w.-]+)$/iu,
    'an object id or a user principal name',
  );

export const userPath = (user: string): string => `/users/${encodeURIComponent(user)}`;

/** Some fields of a user and always the id; undefined when there is no such user. */
export async function readUser(
  azure: AzureSession,
  user: string,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly id: string; field(name: string): unknown } | undefined> {
  const path = `${userPath(user)}?$select=${['id', ...fields].join(',')}`;
  const found = await unlessAbsent(() => azure.graph('GET', path, signal));
  return found === undefined ? undefined : { id: String(own(found, 'id')), field: (name) => own(found, name) };
}
