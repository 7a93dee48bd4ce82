import * as z from 'zod';
import { PolicyDocument, type Statement } from '../../shared/policy/document.ts';
import { evaluate } from '../../shared/policy/evaluate.ts';
import { fits, glob } from '../../shared/policy/wildcard.ts';
import type { Resource } from './cloud-formation.ts';

export const home = '999988887777';

/** One call that a role makes: an IAM action, the ARN it is made on, and what else the policy hears of it. */
export type Use = {
  readonly action: string;
  readonly on: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
};

const Role = z.object({
  RoleName: z.string(),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument })).default([]),
});

/** The policies of a role that a stack makes. */
export const policiesOf = (role: Resource | undefined): readonly PolicyDocument[] =>
  Role.parse(role?.Properties).Policies.map(({ PolicyDocument: document }) => document);

export const allStatements = (role: Resource | undefined): readonly Statement[] =>
  policiesOf(role).flatMap(({ Statement }) => Statement);

/** A session of a role, as AWS sees it. */
export const sessionOf = (name: string, account = home) =>
  ({
    type: 'role-session',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
    roleArn: `arn:aws:iam::${account}:role/${name}`,
    userId: 'AROAEXAMPLE:session',
  }) as const;

/** What a role in another account says to a caller of the home whom it trusts. */
const trust = PolicyDocument.parse({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${home}:root` },
    Action: ['sts:AssumeRole'],
  },
});

/** Which calls the policies of a role allow, on what is in its own account or in one that lets it in. */
export function allowedBy(role: Resource | undefined): (use: Use) => boolean {
  const identity = policiesOf(role);
  return ({ action, on, context = {} }) =>
    evaluate({
      identity,
      ...(action === 'sts:AssumeRole' && { resource: [trust] }),
      request: { principal: sessionOf('cordon'), action, resource: on, resourceAccount: home, context },
    }).decision === 'allowed';
}

export const mayDo = (role: Resource | undefined, use: Use): boolean => allowedBy(role)(use);

/** What a role is granted that none of these calls needs: an action on a resource. */
export function unused(role: Resource | undefined, uses: readonly Use[]): readonly string[] {
  const used = ({ Condition = {} }: Statement, action: string, resource: string): boolean =>
    uses.some(
      (use) =>
        use.action === action &&
        fits(glob(resource), use.on) &&
        mayDo(role, use) &&
        Object.values(Condition).every((keys) => Object.keys(keys).every((key) => key in (use.context ?? {}))),
    );
  return allStatements(role).flatMap((statement) =>
    (statement.Action ?? []).flatMap((action) =>
      (statement.Resource ?? []).flatMap((on) => (used(statement, action, on) ? [] : [`${action} on ${on}`])),
    ),
  );
}

/** Keys of records that a role is granted and that none of these calls reads or writes. */
export function unusedKeys(role: Resource | undefined, uses: readonly Use[]): readonly string[] {
  const keys = 'dynamodb:LeadingKeys';
  const keysOf = (action: string): readonly string[] =>
    uses.filter((use) => use.action === action).flatMap(({ context = {} }) => [context[keys] ?? []].flat());
  return allStatements(role).flatMap(({ Action = [], Condition = {} }) =>
    Object.values(Condition)
      .flatMap((test) => test[keys] ?? [])
      .flatMap((pattern) =>
        Action.filter((action) => !keysOf(action).some((key) => fits(glob(pattern), key))).map(
          (action) => `${action} on ${pattern}`,
        ),
      ),
  );
}
