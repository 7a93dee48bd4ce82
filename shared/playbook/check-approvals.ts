import type { Person, Settings } from '../config/settings.ts';
import { nearest } from '../model/nearest.ts';
import { type Playbook, placedSteps } from '../model/playbook.ts';
import type { Problem } from './check-inputs.ts';

type People = readonly Person[];

const isAsked = ({ id, groups }: Person, by: readonly string[]): boolean =>
  by.some((one) => one === 'approver' || one === id || groups.includes(one));

/** Those who may say yes to something of one playbook. */
const approversOf = (people: People, { id }: Playbook): People =>
  people.filter(
    ({ roles, playbooks }) => roles.includes('approver') && (playbooks.includes('*') || playbooks.includes(id)),
  );

const distinct = (people: People): number => new Set(people.map(({ id }) => id)).size;

/** What questions of a playbook cannot come to among the people of one deployment. */
export type ApprovalCheck = { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Groups and people that nobody is, and quorums that too few could ever reach. */
export function checkApprovals(playbook: Playbook, { people }: Pick<Settings, 'people'>): ApprovalCheck {
  const approvers = approversOf(people, playbook);
  const known = [...new Set(['approver', ...people.flatMap(({ id, groups }) => [id, ...groups])])];
  const asking = placedSteps(playbook).flatMap(({ step: { approve }, path }) => (approve ? [{ approve, path }] : []));
  const warnings = asking.flatMap(({ approve: { by }, path }) =>
    by.flatMap((name, at): readonly Problem[] => {
      if (approvers.some((person) => isAsked(person, [name]))) return [];
      const message = known.includes(name)
        ? `${name} is in the settings, and nobody of that name may approve for ${playbook.id}`
        : `nobody in the settings is ${name}`;
      return [
        {
          path: `${path}.approve.by.${at}`,
          message,
          remedy: nearest(
            name,
            known.filter((one) => one !== name),
          ),
        },
      ];
    }),
  );
  const problems = asking.flatMap(({ approve: { by, quorum, silence }, path }): readonly Problem[] => {
    // Where silence escalates, everyone who may approve is asked in the end.
    const answering = distinct(silence === 'escalate' ? approvers : approvers.filter((person) => isAsked(person, by)));
    if (quorum === 1 || answering >= quorum) return [];
    const message = `${quorum} people must say yes, and the settings know ${answering} who may`;
    return [{ path: `${path}.approve.quorum`, message, remedy: 'Lower it, or add approvers to the settings.' }];
  });
  return { problems, warnings };
}
