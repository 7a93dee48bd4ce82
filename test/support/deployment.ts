import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readTagged, stackOf } from './cloud-formation.ts';

const Parts = z.object({ resources: z.array(z.unknown()) });
const Part = z.looseObject({ Resources: z.record(z.string(), z.unknown()).optional() });

const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');

/** Every resource that stands in serverless.yml itself. */
const template = (): object => {
  const parts = Parts.parse(readTagged(text)).resources.map((part) => Part.safeParse(part).data ?? {});
  const Resources = Object.fromEntries(parts.flatMap((part) => Object.entries(part['Resources'] ?? {})));
  return { Resources };
};

const conditions = { KeepsEvidence: true, HasOrganization: true, HasAlarmEmail: true };

/** The properties of a resource in serverless.yml; a reference to another one is that one's name. */
export function deployed(name: string, arns: Readonly<Record<string, string>> = {}): Readonly<Record<string, unknown>> {
  const resource = stackOf(template(), { arns, conditions })[name];
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
