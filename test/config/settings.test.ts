import { describe, expect, it } from 'vitest';
import { inScope, Settings } from '../../shared/config/settings.ts';

const problems = (aws: object): readonly string[] =>
  Settings.safeParse({ aws }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const shared = 'northwind-cordon-7f3a91c2';

describe('the accounts of AWS', () => {
  it('share an external id, or have each their own', () => {
    expect(problems({ accounts: { '111122223333': {} }, externalId: shared })).toEqual([]);
    expect(problems({ accounts: { '111122223333': { externalId: shared } } })).toEqual([]);
    const mixed = { '111122223333': { externalId: shared }, '444455556666': {} };
    expect(problems({ accounts: mixed })).toEqual([
      'aws.accounts: an account without an external id of its own needs aws.externalId',
    ]);
  });

  it('are no others than those that are named, whatever external id they share', () => {
    const settings = Settings.parse({ aws: { accounts: { '111122223333': {} }, externalId: shared } });
    expect(['111122223333', '444455556666'].map((account) => inScope(settings, account))).toEqual([true, false]);
  });

  it('have roles of the names that the templates give them, and of no other', () => {
    expect(problems({ readerRole: 'SecurityReader' })).toEqual([
      'aws.readerRole: the templates make CordonReader, and no other name is followed',
    ]);
    expect(problems({ writerRole: 'CordonWriter' })).toEqual([]);
  });
});
