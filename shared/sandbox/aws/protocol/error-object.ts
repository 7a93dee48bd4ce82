import type { $SchemaRef } from '@smithy/types';
import type { SettledFault } from './dialect.ts';
import { membersOf, structure } from './schema.ts';

/** An error as JSON spells it: the modelled members with `__type`, and the message under the name the model gives it. */
export function errorObject({ fault, model }: SettledFault): {
  readonly schema: $SchemaRef;
  readonly value: Readonly<Record<string, unknown>>;
} {
  const schema = model ?? structure(fault.awsCode, {});
  const message = Object.keys(membersOf(schema)).find((name) => name.toLowerCase() === 'message') ?? 'message';
  return { schema, value: { ...fault.fields, [message]: fault.message, __type: fault.awsCode } };
}
