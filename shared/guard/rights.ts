import type { Person, Settings } from '../config/settings.ts';
import { InvalidInput } from '../model/error.ts';

/** What a request does: look, make a plan, change something (runs, releases, the kill switch), answer a question. */
export type Right = 'read' | 'plan' | 'run' | 'approve';
type Role = Person['roles'][number];

/** A role holds what the one before it holds; who approves looks and answers, and starts nothing. */
export const rightsOf: { readonly [R in Role]: readonly Right[] } = {
  viewer: ['read'],
  operator: ['read', 'plan'],
  responder: ['read', 'plan', 'run'],
  approver: ['read', 'approve'],
};

/** What a right is wanted for; `*` is everything there is, and only those who may reach everything hold that. */
export type Scope = { readonly account?: string; readonly playbook?: string };

/** Everyone that an identity stands for: settings may list somebody twice, with other roles for other accounts. */
export type Caller = { readonly id: string; readonly people: readonly Person[] };

export const callerOf = ({ people }: Pick<Settings, 'people'>, id: string): Caller => ({
  id,
  people: people.filter((person) => person.id === id),
});

const covers = (listed: readonly string[], wanted: string | undefined): boolean =>
  wanted === undefined ||
  listed.includes('*') ||
  (wanted !== '*' && listed.some((one) => one.toLowerCase() === wanted.toLowerCase()));

/** Whether a caller holds a right, for one account and playbook where those are known. */
export const may = ({ people }: Caller, right: Right, { account, playbook }: Scope = {}): boolean =>
  people.some(
    (person) =>
      person.roles.some((role) => rightsOf[role].includes(right)) &&
      covers(person.accounts, account) &&
      covers(person.playbooks, playbook),
  );

/** Throws what becomes a 403 where a caller does not hold a right. */
export function ensure(caller: Caller, right: Right, scope: Scope = {}): void {
  if (may(caller, right, scope)) return;
  const where = Object.values(scope).filter(Boolean).join(' and ');
  throw new InvalidInput({
    code: 'forbidden',
    message: `${caller.id} may not ${right}${where && ` on ${where}`}`,
    remedy: 'Ask for the role, or for its accounts and playbooks, under `people` in the settings.',
  });
}

/** Whether a caller is among those that a question is for: any approver, by id, or by group. */
export const isAsked = ({ id, people }: Caller, by: readonly string[]): boolean =>
  by.some((one) => one === 'approver' || one === id || people.some(({ groups }) => groups.includes(one)));
