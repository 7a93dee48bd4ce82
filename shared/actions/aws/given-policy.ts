import * as z from 'zod';
import type { Change, State } from '../../action/action.ts';
import { IamName } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import { PolicyJson, readDocument } from './deny-policy.ts';
import { unlessAbsent } from './fault.ts';

/** A managed policy by its ARN, or an inline one by its name: no name has a colon. */
export const GivenPolicy = z.union([
  z.string().regex(/^arn:[\w-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]{1,640}$/, 'the ARN of a policy'),
  IamName,
]);

/** That a managed policy is attached, or the whole document of an inline one. */
export const GivenValue = z.union([z.literal('attached'), PolicyJson]);
type GivenValue = z.output<typeof GivenValue>;

/** The calls of a user or a role about its policies. Those that take away may find nothing left. */
export type PolicyHolder = {
  /** ARNs of what is attached; throws NoSuchEntity where there is no such principal. */
  attached(): Promise<readonly string[]>;
  /** One inline policy, percent-encoded as IAM answers it. */
  document(PolicyName: string): Promise<string | undefined>;
  attach(PolicyArn: string): Promise<unknown>;
  detach(PolicyArn: string): Promise<unknown>;
  put(PolicyName: string, PolicyDocument: string): Promise<unknown>;
  drop(PolicyName: string): Promise<unknown>;
};

const absent = ['NoSuchEntity'];
const isManaged = (policy: string): boolean => policy.startsWith('arn:');

/** `principal policy`: neither has a space in it. */
const keyOf = (principal: string, policy: string): string => `${principal} ${policy}`;
const partsOf = (resource: string): readonly [principal: string, policy: string] => {
  const [principal = '', policy = ''] = resource.split(' ');
  return [principal, policy];
};

/** The principal that a change is about. */
export const principalIn = ({ resource }: Pick<Change, 'resource'>): string => partsOf(resource)[0];

/** The policy as its principal has it now, null where it has not; empty where there is no such principal. */
export async function captureGiven(
  principal: string,
  policy: string,
  holder: PolicyHolder,
): Promise<State<GivenValue>> {
  const [attached, text] = await Promise.all([
    unlessAbsent(absent, () => holder.attached()),
    isManaged(policy) ? undefined : unlessAbsent(absent, () => holder.document(policy)),
  ]);
  if (!attached) return {};
  const inline: JsonObject | null = text === undefined ? null : readDocument(text);
  const standing = attached.includes(policy) ? 'attached' : null;
  return { [keyOf(principal, policy)]: isManaged(policy) ? standing : inline };
}

/** Nothing of it is left. */
export const withoutGiven = (seen: State<GivenValue>): State<GivenValue> =>
  Object.fromEntries(Object.keys(seen).map((key) => [key, null]));

/** Takes the policy away, or gives it back as it was. */
export async function applyGiven({ resource, to }: Change<GivenValue>, holder: PolicyHolder): Promise<void> {
  const [, policy] = partsOf(resource);
  if (to === 'attached') await holder.attach(policy);
  else if (to !== null) await holder.put(policy, JSON.stringify(to));
  else await unlessAbsent(absent, () => (isManaged(policy) ? holder.detach(policy) : holder.drop(policy)));
}
