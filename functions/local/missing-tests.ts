import type { Playbook } from '../../shared/model/playbook.ts';

/** What every playbook's tests must show, and these do not. */
export function missingTests({ tests }: Pick<Playbook, 'tests'>): readonly string[] {
  const matched = tests.map(({ expect }) => expect.matched ?? true);
  return [
    ...(matched.includes(true) ? [] : ['no test with an event that it answers']),
    ...(matched.includes(false) ? [] : ['no test with an event that it must leave alone (`matched: false`)']),
  ];
}
