import type { SettledFault } from './dialect.ts';
import { type Members, membersOf, text } from './schema.ts';

/** An error as XML spells it: the fields given, as modelled or else as text, with `Code` and `Message`. */
export function errorElement({ fault, model }: SettledFault): {
  readonly members: Members;
  readonly value: Readonly<Record<string, unknown>>;
} {
  const modelled = model === undefined ? {} : membersOf(model);
  const fields = Object.keys(fault.fields).map((name) => [name, modelled[name] ?? text]);
  return {
    members: { Code: text, Message: text, ...Object.fromEntries(fields) },
    value: { ...fault.fields, Code: fault.awsCode, Message: fault.message },
  };
}
