import { accessKeys, users } from '../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { holding } from './attacker.ts';

const account = '666677778888';
const accessKeyId = 'AKIAOUTSIDER00000001';

/** How an SDK client is set up to speak as the administrator of an account that is none of the company's. */
export function outsider(sandbox: Sandbox) {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  sandbox.rows.put(users, `${account}/mallory`, {
    ...{ account, name: 'mallory', path: '/', userId: 'AIDAOUTSIDER00000001', groups: [], tags: {}, attached: [] },
    arn: `arn:aws:iam::${account}:user/mallory`,
    inline: { everything: JSON.stringify(document) },
  });
  sandbox.rows.put(accessKeys, accessKeyId, {
    ...{ account, accessKeyId, userName: 'mallory', secret: 'outsider-secret', status: 'Active' },
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  return holding(sandbox, accessKeyId);
}
