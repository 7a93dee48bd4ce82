import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { AwsAccountId, parseArn } from '../../model/identifiers.ts';

/** That something is shared with somebody, who is the last part of its name: `all`, an account, an organisation's ARN. */
export const Shared = z.literal('shared');
export type Shared = z.infer<typeof Shared>;

/** Whom to take it away from: inputs of every action that ends sharing. */
export const sharingInput = {
  from: z
    .array(z.enum(['everybody', 'accounts']))
    .min(1)
    .default(['everybody', 'accounts'])
    .describe('Whether it is taken away from everybody at once, from accounts and organisations by name, or both.'),
  only: z
    .array(z.string().min(1))
    .optional()
    .describe('Those of them that are meant, as a call has named them; all when left out.'),
  keep: z
    .array(AwsAccountId)
    .default([])
    .describe('Accounts that it stays shared with, and those of organisations that one of them manages.'),
};
type Wish = {
  readonly from: readonly ('everybody' | 'accounts')[];
  readonly only?: readonly string[] | undefined;
  readonly keep: readonly string[];
};

/** What everybody is called, where something is shared with him. */
export const everybody = 'all';

const isKept = (who: string, keep: readonly string[]): boolean => keep.includes(parseArn(who)?.account ?? who);

/** The state of something that is shared: itself, so that it is known to be there, and each one it is shared with. */
export const sharedState = (id: string, sharedWith: readonly string[]): State<Shared> => ({
  [id]: null,
  ...Object.fromEntries([...sharedWith].sort().map((who) => [`${id}/${who}`, 'shared' as const])),
});

/** Whom a resource of a plan names. */
export const sharedWhom = (resource: string): string => resource.slice(resource.indexOf('/') + 1);

/** No longer shared with those it is to be taken from. */
export const withoutStrangers = ({ from, only, keep }: Wish, seen: State<Shared>): State<Shared> =>
  Object.fromEntries(
    Object.entries(seen).flatMap(([resource, shared]) => {
      const who = sharedWhom(resource);
      if (shared === null || only?.includes(who) === false) return [];
      const meant = who === everybody ? from.includes('everybody') : from.includes('accounts') && !isKept(who, keep);
      return meant ? [[resource, null] as const] : [];
    }),
  );
