import { describe, expect, test } from 'vitest';
import { exclusionsInForce, expiredExclusions } from '../../shared/config/guards.ts';
import { Settings } from '../../shared/config/settings.ts';
import type { Json } from '../../shared/model/json.ts';

const refusal = (settings: Json): string =>
  Settings.safeParse(settings)
    .error?.issues.map(({ message }) => message)
    .join('; ') ?? '';
const exclusion = (when: Json, expires = '2026-12-31') => ({
  exclusions: [{ name: 'pen test', when, owner: 'red-team', why: 'agreed', expires }],
});

describe('an exclusion', () => {
  test.each<[string, Json]>([
    ['a tag', { target: { tags: { exempt: ['true'] } } }],
    ['a tag that is not there', { target: { tags: { owner: [{ exists: false }] } } }],
    ['a tag among alternatives', { $or: [{ target: { name: ['x'] } }, { target: { tags: { a: ['b'] } } }] }],
    ['a tag that looks like one of AWS’s', { target: { tags: { 'aws:autoscaling:groupName': ['web'] } } }],
  ])('may not look at %s', (_, when) => expect(refusal(exclusion(when))).toContain('which attackers can write'));

  test('needs an owner, a reason, a date and a pattern that can be read', () => {
    expect(refusal(exclusion({ target: { name: ['scanner'] } }))).toBe('');
    expect(refusal({ exclusions: [{ name: 'x', when: { action: ['a'] } }] })).not.toBe('');
    expect(refusal(exclusion({ target: { name: 'scanner' } }))).not.toBe('');
    expect(refusal(exclusion({ action: ['a'] }, 'soon'))).not.toBe('');
  });

  test('counts to the end of its last day', () => {
    const settings = Settings.parse(exclusion({ action: ['a'] }, '2026-11-20'));
    expect(exclusionsInForce(settings, '2026-11-20T23:59:59.000Z')).toHaveLength(1);
    expect(expiredExclusions(settings, '2026-11-20T23:59:59.000Z')).toEqual([]);
    expect(exclusionsInForce(settings, '2026-11-21T00:00:00.000Z')).toEqual([]);
    expect(expiredExclusions(settings, '2026-11-21T00:00:00.000Z')).toMatchObject([{ owner: 'red-team' }]);
  });
});

test('a protection or a fleet may look at tags, but not for the absence of one', () => {
  const protections = (tags: Json) => ({ protections: [{ name: 'p', when: { target: { tags } } }] });
  expect(refusal(protections({ role: ['database'] }))).toBe('');
  expect(refusal(protections({ role: [{ exists: false }] }))).toContain('the absence of target.tags');
  expect(
    refusal({ fleets: [{ name: 'f', size: 5, when: { target: { tags: { a: [{ exists: false }] } } } }] }),
  ).toContain('the absence of target.tags');
});

describe('what isolation leaves open', () => {
  const allow = (cidr: string) => refusal({ isolation: { allow: [{ cidr, why: 'forensics' }] } });
  test.each(['192.0.2.10/32', '10.20.0.0/16', '2001:db8:99::10/128', '2001:db8::/32'])('may be %s', (cidr) =>
    expect(allow(cidr)).toBe(''),
  );
  test.each([
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/8',
    '10.20.0.0/15',
    '2001:db8::/31',
    '192.0.2.10',
    '192.0.2.10/33',
    '192.0.2.10/24',
    '192.0.2.0/024x',
    '2001:DB8:99::10/128',
    '2001:db8:99:0:0:0:0:10/128',
    'everywhere',
    '192.0.2.0/24/8',
    '',
  ])('may not be %j', (cidr) => expect(allow(cidr)).not.toBe(''));
  test('needs a reason', () => expect(refusal({ isolation: { allow: [{ cidr: '192.0.2.10/32' }] } })).not.toBe(''));
});
