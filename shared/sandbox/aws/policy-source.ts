import * as z from 'zod';
import { Json } from '../../model/json.ts';

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
