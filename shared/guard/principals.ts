import type { Settings } from '../config/settings.ts';
import { parseArn } from '../model/identifiers.ts';
import type { Json, JsonObject } from '../model/json.ts';

/** Names of things that are no principals, in small letters: whoever makes such a thing calls it what he likes. */
const namesOfThings = [
  ...['displayname', 'rule', 'openrules', 'azurerules', 'workload', 'namespace', 'ownername', 'serviceaccount', 'node'],
  ...['functionname', 'statementid', 'qualifier', 'instanceidentifier', 'snapshotidentifier', 'recordername'],
];

/** What has a name that is a principal's own. */
const isPrincipal = (type: string): boolean => /^(aws\.iam|aws\.sso|azure\.entra|azure\.role-assignment)/.test(type);

type Leaf = readonly [key: string, text: string];

/** Every scalar inside a value, as text, with the key it stands under. */
function* leaves(value: Json, under = ''): Generator<Leaf> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item, under);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) yield* leaves(item, key);
  else if (value !== null) yield [under.toLowerCase(), String(value).toLowerCase()];
}

/** The roles that Cordon's own sessions are, one in each account. */
const ownRoles = ({ partition, accounts, readerRole, writerRole }: Settings['aws']): string[] =>
  Object.keys(accounts).flatMap((account) =>
    [readerRole, writerRole].map((role) => `arn:${partition}:iam::${account}:role/${role}`),
  );

/** People without whom nobody could answer or act: a finding about them is for their colleagues, never for a machine. */
const defenders = ({ people }: Pick<Settings, 'people'>): string[] =>
  people.filter(({ roles }) => roles.includes('approver') || roles.includes('responder')).map(({ id }) => id);

/** Everybody whom no playbook contains. */
export const protectedPrincipals = (settings: Settings): readonly string[] => [
  ...settings.protectedPrincipals,
  ...settings.aws.homePrincipals,
  ...ownRoles(settings.aws),
  ...settings.azure.identities,
  ...defenders(settings),
];

type Named = { readonly leaves: readonly Leaf[]; readonly accounts: readonly string[] };

/** An ARN stands for its principal in its own account alone; anything else is a name or an id wherever it comes up. */
function names(principal: string, { leaves: seen, accounts }: Named): boolean {
  const id = principal.toLowerCase();
  if (seen.some(([, text]) => text === id)) return true;
  const arn = parseArn(principal);
  if (!arn) return false;
  const [kind = ''] = arn.resource.split('/');
  const bare = id.slice(id.lastIndexOf('/') + 1);
  const fits = (key: string): boolean => (kind === 'role' ? key.includes('role') : !key.includes('role'));
  return accounts.includes(arn.account) && seen.some(([key, text]) => text === bare && fits(key));
}

/** The protected principal that a step would act on, if any: named by its inputs or by a fact of its target. */
export function protectedIn(
  settings: Settings,
  { target, input, account }: { readonly target: JsonObject; readonly input: Json; readonly account: string },
): string | undefined {
  const { tags: _, name, ...others } = target; // whoever may write tags must not make himself untouchable
  const facts = name !== undefined && isPrincipal(String(target['type'] ?? '')) ? { ...others, name } : others;
  const named: Named = {
    leaves: [...leaves(input), ...leaves(facts)].filter(([key]) => !namesOfThings.includes(key)),
    accounts: [account, String(target['account'] ?? '')],
  };
  return protectedPrincipals(settings).find((principal) => names(principal, named));
}
