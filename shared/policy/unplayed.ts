import type { Need } from './grants.ts';

type Needs = { readonly reader: readonly Need[]; readonly writer: readonly Need[] };

/** What plays showed: the calls that the reader made, in lower case as `iam:getuser`, and the actions in their plans. */
export type Played = { readonly reads: ReadonlySet<string>; readonly actions: ReadonlySet<string> };

/** Rights that no play used: reads beside the actions, or all that one action would change with. */
export type Unplayed = { readonly rights: readonly string[]; readonly purpose: string };

/** Reads that no play can make, each with the reason. */
export const acceptedUnplayed: Readonly<Record<string, string>> = {
  'Microsoft.Compute/virtualMachines/instanceView/read':
    'Azure asks for it of whoever expands the view; the sandbox does not',
  'graph:IdentityRiskEvent.Read.All': 'no shipped playbook answers a risk detection, and a trigger names no collection',
};

/** A right as its call is written down, whichever plane it is of. */
const callOf = ({ grant: { allow } }: Need): string => allow.replace(/^data:/, '').toLowerCase();

/** What adapters read: what they are for is two words, and what actions are for is their id. */
const isRead = ({ purpose }: Need): boolean => /^(inspect|confirm) /.test(purpose);
const isAction = ({ purpose }: Need): boolean => !purpose.includes(' ');

/** Once each, by what it is for. */
const grouped = (needs: readonly Need[]): readonly Unplayed[] =>
  [...Map.groupBy(needs, ({ purpose }) => purpose)].map(([purpose, of]) => ({
    purpose,
    rights: [...new Set(of.map(({ grant: { allow } }) => allow))].sort(),
  }));

/**
 * What playbooks are granted and no play of them used: a trigger or a choice of targets is wider than the tests know, or
 * a test is missing. Of an action that was planned all counts as used: what it calls in each case, and on its release, is
 * held by the tests of the action.
 */
export function unplayed(needed: readonly Needs[], { reads, actions }: Played): readonly Unplayed[] {
  const unread = needed.flatMap(({ reader }) => reader).filter((need) => isRead(need) && !reads.has(callOf(need)));
  const unplanned = needed
    .flatMap(({ writer }) => writer)
    .filter((need) => isAction(need) && !actions.has(need.purpose));
  return grouped([...unread, ...unplanned]);
}

/** Those of them that no reason is given for. */
export const withoutReason = (all: readonly Unplayed[]): readonly Unplayed[] =>
  all
    .map(({ purpose, rights }) => ({ purpose, rights: rights.filter((one) => !Object.hasOwn(acceptedUnplayed, one)) }))
    .filter(({ rights }) => rights.length > 0);
