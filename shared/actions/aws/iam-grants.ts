import type { Grant } from '../../policy/grants.ts';

const rights = (actions: readonly string[], resources: readonly string[]): readonly Grant[] =>
  actions.flatMap((action) => resources.map((on) => ({ allow: `iam:${action}`, on })));

const user = 'arn:{partition}:iam::{account}:user';
const role = 'arn:{partition}:iam::{account}:role';

/** IAM rights on the user `{userName}`, whatever its path: findings name users without one. */
export const onUser = (...actions: readonly string[]): readonly Grant[] =>
  rights(actions, [`${user}/{userName}`, `${user}/*/{userName}`]);

/** IAM rights on the role `{roleName}`, whatever its path. */
export const onRole = (...actions: readonly string[]): readonly Grant[] =>
  rights(actions, [`${role}/{roleName}`, `${role}/*/{roleName}`]);
