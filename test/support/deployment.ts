import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readTagged, stackOf } from './cloud-formation.ts';

const Parts = z.object({ resources: z.array(z.unknown()) });
const Part = z.looseObject({ Resources: z.record(z.string(), z.unknown()).optional() });

const read = (path: string): unknown => readTagged(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

/** A part of the resources, which is a file where it names one. */
const included = (part: unknown): unknown => {
  const [, path] = (typeof part === 'string' && /^\$\{file\((.+)\)\}$/.exec(part)) || [];
  return path === undefined ? part : read(path);
};

/** Every resource that stands in serverless.yml and in the files that it includes. */
const template = (): object => {
  const parts = Parts.parse(read('serverless.yml')).resources.map((part) => Part.safeParse(included(part)).data ?? {});
  const Resources = Object.fromEntries(parts.flatMap((part) => Object.entries(part['Resources'] ?? {})));
  return { Resources };
};

const conditions = { KeepsEvidence: true, HasOrganization: true, HasAlarmEmail: true, HandsOn: false };

/** The properties of a resource in serverless.yml, under `more` conditions; a reference to another one is that one's name. */
export function deployed(
  name: string,
  arns: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, boolean>> = {},
): Readonly<Record<string, unknown>> {
  const resource = stackOf(template(), { arns, conditions: { ...conditions, ...more } })[name];
  if (resource) return resource.Properties;
  throw new TypeError(`serverless.yml has no resource ${name}`);
}

const Policies = z.array(
  z.object({ PolicyName: z.string(), PolicyDocument: z.object({ Statement: z.array(z.looseObject({})) }) }),
);

/** The statements of a role in serverless.yml, with the ARNs of what they name. */
export function statementsOf(role: string, arns: Readonly<Record<string, string>>): readonly object[] {
  const policies = Policies.parse(deployed(role, arns)['Policies']);
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
