import * as z from 'zod';
import { messageOf } from '../../model/error.ts';
import { Json } from '../../model/json.ts';
import { type PolicyDocument, parsePolicy } from '../../policy/document.ts';
import { AwsFault } from './protocol/fault.ts';

const Statement = z.record(z.string(), Json);

/** A policy as an estate file may spell it: a whole document, its statements, or actions allowed on everything. */
export const PolicySource = z.union([
  z.object({ Version: z.string(), Statement: z.union([Statement, z.array(Statement)]) }),
  z.array(Statement),
  z.strictObject({ allow: z.array(z.string()), on: z.union([z.string(), z.array(z.string())]).default('*') }),
]);
export type PolicySource = z.infer<typeof PolicySource>;

/** The JSON text of such a policy. */
export function policyText(source: PolicySource): string {
  if (Array.isArray(source)) return JSON.stringify({ Version: '2012-10-17', Statement: source });
  if ('allow' in source)
    return JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: source.allow, Resource: source.on }],
    });
  return JSON.stringify(source);
}

function parsed(text: string, code: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (cause) {
    throw new AwsFault(code, messageOf(cause), { status: 400, cause });
  }
}

/** Refuses, with the code of the service, what is no policy of an identity. */
export function checkIdentityPolicy(text: string, code = 'MalformedPolicyDocument'): void {
  const { Statement } = parsed(text, code);
  if (Statement.some(({ Principal, NotPrincipal }) => Principal ?? NotPrincipal))
    throw new AwsFault(code, 'Policy document should not specify a principal.', { status: 400 });
}

/** Refuses what is no trust policy: each statement says who may assume the role, and none what is assumed. */
export function checkTrustPolicy(text: string, code = 'MalformedPolicyDocument'): void {
  const { Statement } = parsed(text, code);
  if (Statement.length === 0) throw new AwsFault(code, 'Syntax errors in policy.', { status: 400 });
  if (Statement.some(({ Principal, NotPrincipal }) => !(Principal ?? NotPrincipal)))
    throw new AwsFault(code, 'AssumeRole policy must contain a principal.', { status: 400 });
  if (Statement.some(({ Resource, NotResource }) => Resource ?? NotResource))
    throw new AwsFault(code, 'Has prohibited field Resource', { status: 400 });
}

/** The characters of a policy that count towards a quota: white space is free. */
export const policySize = (text: string): number => text.replaceAll(/\s/g, '').length;
