import * as z from 'zod';
import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';

const text = z.string().exactOptional();

/** One statement of a function's policy, in the words of AddPermission: what it takes to write the same again. */
export const Permission = z.strictObject({
  principal: z.string(),
  action: z.string(),
  sourceArn: text,
  sourceAccount: text,
  organization: text,
  urlAuthType: z.enum(['AWS_IAM', 'NONE']).exactOptional(),
  /** `true` or `false`. */
  viaUrl: z.enum(['true', 'false']).exactOptional(),
  eventSourceToken: text,
});
export type Permission = z.infer<typeof Permission>;

/** A statement that AddPermission could not write again: another tool put it there. */
export const Unusual = z.strictObject({ statement: z.string(), everybody: z.boolean() });

/** Operator and key of each condition that AddPermission writes, in lower case as IAM compares them. */
const conditions: Readonly<Record<string, keyof Permission>> = {
  'arnlike aws:sourcearn': 'sourceArn',
  'stringequals aws:sourceaccount': 'sourceAccount',
  'stringequals aws:principalorgid': 'organization',
  'stringequals lambda:functionurlauthtype': 'urlAuthType',
  'bool lambda:invokedviafunctionurl': 'viaUrl',
  'stringequals lambda:eventsourcetoken': 'eventSourceToken',
};

const Written = z.strictObject({
  Sid: z.string().min(1),
  Effect: z.literal('Allow'),
  Principal: z.union([
    z.literal('*'),
    z.strictObject({ AWS: z.string() }).transform(({ AWS }) => AWS),
    z.strictObject({ Service: z.string() }).transform(({ Service }) => Service),
  ]),
  Action: z.string(),
  Resource: z.string(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.boolean()]).transform(String)))
    .default({}),
});

/** Whether a principal, as any policy may write it, is or has everybody in it. */
function namesEverybody(principal: unknown): boolean {
  if (Array.isArray(principal)) return principal.some(namesEverybody);
  return principal === '*' || namesEverybodyIn(own(principal, 'AWS'));
}
const namesEverybodyIn = (aws: unknown): boolean => aws !== undefined && namesEverybody(aws);

/** A statement as `GetPolicy` gives it. */
export function readStatement(statement: unknown): Permission | z.infer<typeof Unusual> {
  const unusual = {
    statement: JSON.stringify(statement),
    everybody: own(statement, 'Effect') === 'Allow' && namesEverybody(own(statement, 'Principal')),
  };
  const written = Written.safeParse(statement).data;
  if (!written) return unusual;
  const { Principal: principal, Action: action, Condition } = written;
  const told = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => [conditions[`${operator} ${key}`.toLowerCase()] ?? '', value] as const),
  );
  return Permission.safeParse({ principal, action, ...Object.fromEntries(told) }).data ?? unusual;
}

/** A source that belongs to somebody: with an account, or without any pattern. */
const isFixed = (sourceArn: string): boolean =>
  AwsAccountId.safeParse(parseArn(sourceArn)?.account).success || !/[*?]/.test(sourceArn);

/** Whether a statement lets anybody in, of any account or none. */
export function letsEverybodyIn(value: Permission | z.infer<typeof Unusual>): boolean {
  if ('statement' in value) return value.everybody;
  const { principal, sourceArn, sourceAccount, organization, eventSourceToken } = value;
  if (principal !== '*') return false;
  const narrowed = [sourceAccount, organization, eventSourceToken].some((one) => one !== undefined);
  return !narrowed && (sourceArn === undefined || !isFixed(sourceArn));
}
