import { describe, expect, it } from 'vitest';
import { UserKey } from '../../../shared/model/target.ts';
import { accessKeys } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, development, production } from '../../support/company.ts';
import { grantExactly } from '../../support/rights.ts';

const accessKeyId = 'AKIACIDEPLOY00000001';
const rights = ['GetUser', 'GetAccessKeyLastUsed', 'ListEntitiesForPolicy'];
const key = {
  type: 'aws.iam.access-key',
  id: accessKeyId,
  name: accessKeyId,
  account: production,
  region: '',
} as const;

/** What the reader finds out about a key with no more rights than it needs. */
async function inspected(named: { readonly userName?: string }, prepare: (sandbox: Sandbox) => void = () => undefined) {
  const { sandbox, clouds } = company();
  prepare(sandbox);
  const read = rights.map((name) => ({ allow: `iam:${name}`, on: '*' }));
  grantExactly(sandbox, { cloud: 'aws' }, { read, write: [] }, {}, { account: production, region: 'us-east-1' });
  const { signal } = new AbortController();
  const place = { cloud: 'aws', account: production, region: 'us-east-1', rights: 'reader', runId: 'run' } as const;
  const session = await clouds.session({ ...place, signal });
  return clouds.inspect(session, UserKey.parse({ ...key, role: 'affected', accessKeyId, ...named }));
}

const userArn = `arn:aws:iam::${production}:user/ci-deploy`;
const facts = { userArn, userPath: '/', tags: {}, lastAdministrator: false };

describe('inspecting an access key', () => {
  it('reads the user whom the finding names', async () => {
    expect(await inspected({ userName: 'ci-deploy' })).toEqual(facts);
  });

  it('finds out whose it is where the finding names the key alone', async () => {
    expect(await inspected({})).toEqual({ ...facts, userName: 'ci-deploy' });
  });

  it('takes a key for gone that the account does not have', async () => {
    const moved = ({ rows }: Sandbox): void => {
      const row = rows.get(accessKeys, accessKeyId);
      if (row) rows.put(accessKeys, accessKeyId, { ...row, account: development });
    };
    expect(await inspected({}, moved)).toBeUndefined();
  });

  it('says no name of a key whose owner is no user of IAM, so that nothing is done to anybody', async () => {
    const rooted = ({ rows }: Sandbox): void => {
      const row = rows.get(accessKeys, accessKeyId);
      if (row) rows.put(accessKeys, accessKeyId, { ...row, userName: '<root_account>' });
    };
    expect(await inspected({}, rooted)).toEqual({});
  });
});
