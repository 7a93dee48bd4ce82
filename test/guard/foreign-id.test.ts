import { expect, test } from 'vitest';
import { foreignId } from '../../shared/guard/foreign-id.ts';

const idIn = (subscription: string): string =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg`;

test('an id of the subscription acted in is no foreign one, in whatever case', () => {
  expect(foreignId({ networkSecurityGroupId: idIn('AbC'), port: 22 }, 'aBc')).toBeUndefined();
  expect(foreignId({ userName: 'ci', tags: ['a', null, true] }, '111122223333')).toBeUndefined();
});

test('an id of another subscription is found wherever it stands', () => {
  for (const value of [idIn('b'), [idIn('b')], { a: { b: ['x', idIn('b')] } }])
    expect(foreignId(value, 'a')).toBe(idIn('b'));
  expect(foreignId({ networkSecurityGroupId: idIn('a.evil') }, 'a')).toBe(idIn('a.evil'));
});

test('an id of something on another subscription itself is foreign too', () => {
  const plan = '/subscriptions/b/providers/Microsoft.Security/pricings/KeyVaults';
  expect(foreignId({ planId: plan }, 'a')).toBe(plan);
  expect(foreignId({ planId: plan }, 'b')).toBeUndefined();
});

test('what an action only refers to may be anywhere', () => {
  const input = { settingId: idIn('a'), baseline: [{ workspaceId: idIn('b') }] };
  expect(foreignId(input, 'a', ['baseline'])).toBeUndefined();
  expect(foreignId({ ...input, settingId: idIn('b') }, 'a', ['baseline'])).toBe(idIn('b'));
});
