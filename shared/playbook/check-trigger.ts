import { own } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { analyse, type Domain } from '../pattern/analyse.ts';
import type { Scalar } from '../pattern/leaf.ts';
import { parsePattern } from '../pattern/parse.ts';
import type { Problem } from './check-inputs.ts';
import { memberOf, plainShapes, playbookScope, type Shape } from './scope.ts';

const nothing: Domain = { values: [], absent: true };
const anything: Domain = { values: undefined, absent: true };

/** What can stand where any of these can. */
function joined(domains: readonly Domain[]): Domain {
  const values = domains.map((domain) => domain.values);
  return {
    values: values.includes(undefined) ? undefined : [...new Set(values.flatMap((some) => some ?? []))],
    absent: domains.length === 0 || domains.some(({ absent }) => absent),
  };
}

const isScalar = (value: unknown): value is Scalar => value === null || typeof value !== 'object';

/** The scalars of a shape without alternatives; objects hold none themselves. */
function scalarsOf(shape: Shape): Domain {
  const listed: unknown = own(shape, 'enum') ?? (own(shape, 'const') === undefined ? undefined : [shape['const']]);
  if (Array.isArray(listed)) return { values: listed.filter(isScalar), absent: false };
  if (shape['type'] === 'boolean') return { values: [true, false], absent: false };
  return shape['type'] === 'object' ? nothing : { values: undefined, absent: shape['type'] === undefined };
}

/** What an object can hold under one key, and below. Where any key may stand, dots may be part of it. */
function memberDomain(shape: Shape, key: string, rest: readonly string[]): Domain {
  const member = memberOf(shape, key);
  if (member === undefined) return nothing;
  if (own(own(shape, 'properties'), key) === undefined) {
    const below = [...rest.keys(), rest.length].map((from) => domainAt(member, rest.slice(from)));
    return { ...joined(below), absent: true };
  }
  const required: unknown = own(shape, 'required');
  const domain = domainAt(member, rest);
  return Array.isArray(required) && required.includes(key) ? domain : { ...domain, absent: true };
}

/** Follows a path as patterns do: arrays are no step of their own, and may be empty. */
function domainAt(shape: Shape, steps: readonly string[]): Domain {
  const [key, ...rest] = steps;
  return joined(
    plainShapes(shape).map((one): Domain => {
      if (one['type'] === undefined && own(one, 'enum') === undefined && own(one, 'const') === undefined)
        return anything;
      if (one['type'] === 'array') return { ...domainAt(memberOf(one, '0') ?? {}, steps), absent: true };
      return key === undefined ? scalarsOf(one) : memberDomain(one, key, rest);
    }),
  );
}

/** What is odd about a trigger, judged by what findings can hold: it never matches, always matches, or asks for what cannot be. */
export function triggerWarnings(playbook: Playbook): readonly Problem[] {
  const finding = own(own(playbookScope(playbook), 'properties'), 'finding') as Shape; // the scope of every playbook has it
  const domains = (path: string): Domain => {
    const [root, ...steps] = path.split('.');
    return root === 'finding' ? domainAt(finding, steps) : anything;
  };
  return analyse(parsePattern(playbook.on), domains).map(({ path, message }) => ({
    path: path === '' ? 'on' : `on.${path}`,
    message,
  }));
}
