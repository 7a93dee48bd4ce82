import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const Resources = z.object({
  resources: z.object({ Resources: z.record(z.string(), z.object({ Properties: z.record(z.string(), z.unknown()) })) }),
});

const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');

/** The properties of a resource in serverless.yml; a reference to another one is that one's name. */
export function deployed(name: string): Readonly<Record<string, unknown>> {
  const { Resources: all } = Resources.parse(parse(text, { logLevel: 'silent', merge: true })).resources;
  const resource = all[name];
  if (resource) return resource.Properties;
  throw new TypeError(`serverless.yml has no resource ${name}`);
}

const Policies = z.array(
  z.object({ PolicyName: z.string(), PolicyDocument: z.object({ Statement: z.array(z.json()) }) }),
);

/** The statements of a role in serverless.yml, as JSON, with the ARNs of what they name. */
export function statementsOf(role: string, arns: Readonly<Record<string, string>>): readonly object[] {
  const statements = Policies.parse(deployed(role)['Policies']).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
  const named = Object.entries(arns).reduce(
    (json, [name, arn]) => json.replaceAll(`\${${name}.Arn}`, arn).replaceAll(`"${name}.Arn"`, `"${arn}"`),
    JSON.stringify(statements),
  );
  return z.array(z.looseObject({})).parse(JSON.parse(named));
}
