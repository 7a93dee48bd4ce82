import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Settings } from '../../shared/config/settings.ts';
import { decide, type Question } from '../../shared/guard/decide.ts';
import { overShare } from '../../shared/guard/fleets.ts';
import { namedRole, tagIn } from '../../shared/guard/tags.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { northwindSettings, production } from '../support/company.ts';
import { findingIn, readEvent } from '../support/events.ts';

const finding = findingIn(readEvent('guardduty/leaked-access-key'));
const base: Question = {
  finding,
  target: { type: 'aws.ec2.instance', id: 'i-1', name: 'web-1', account: production, tags: {} },
  action: { id: 'aws.ec2.isolate-instance', target: 'aws.ec2.instance' },
  step: { id: 'isolate' },
  input: { instanceId: 'i-1' },
  account: production,
  settings: northwindSettings(),
  limits: { perHour: 5 },
  spent: { playbook: false, account: false },
  fleets: [],
  breakerOpen: false,
  killSwitch: false,
  now: '2026-11-20T09:05:00.000Z',
};
const withTags = (tags: JsonObject, more: Partial<Question> = {}) => {
  const { decision, reason } = decide({ ...base, target: { ...base.target, tags }, ...more });
  return `${decision} ${reason}`;
};

describe('tags make a person decide', () => {
  test.each<[JsonObject, string]>([
    [{ criticality: 'high' }, 'ask critical-asset'],
    [{ Criticality: 'CROWN-JEWEL' }, 'ask critical-asset'],
    [{ 'Data-Classification': 'PII' }, 'ask classified-data'],
    [{ DATACLASSIFICATION: 'Restricted' }, 'ask classified-data'],
    [{ role: 'domain-controller' }, 'ask protected-target'],
    [{ Name: 'prod-bastion-2' }, 'ask protected-target'],
    [{ Role: 'dc01' }, 'ask protected-target'],
    [{ criticality: 'low' }, 'allow allowed'],
    [{ Name: 'dc1-web-01' }, 'allow allowed'],
    [{ Name: 'nat-geo-website' }, 'allow allowed'],
    [{ 'cordon:exempt': 'true' }, 'allow allowed'],
  ])('%j: %s', (tags, wanted) => expect(withTags(tags)).toBe(wanted));

  test('but for what marks or keeps, which nobody notices', () => {
    const action = { id: 'aws.ec2.snapshot-volumes', target: 'aws.ec2.instance', cutsNothing: true } as const;
    expect(withTags({ criticality: 'high', role: 'bastion', 'data-classification': 'pii' }, { action })).toBe(
      'allow allowed',
    );
  });

  test('in the words of the settings', () => {
    const settings = Settings.parse({ strictTags: { critical: { Tier: ['Gold'] } } });
    const strict = { settings: northwindSettings({ strictTags: settings.strictTags }) };
    expect(withTags({ tier: 'gold' }, strict)).toBe('ask critical-asset');
    expect(withTags({ criticality: 'high' }, strict)).toBe('allow allowed');
    expect(tagIn(settings.strictTags.critical, { tags: { tier: 'gold' } })).toBe('tier=gold');
    expect(namedRole({ tags: 'none' })).toBeUndefined();
  });
});

test('no tag that is added makes a decision laxer, whatever the settings say', () => {
  const word = fc.constantFrom('role', 'criticality', 'environment', 'Name', 'data-classification', 'owner');
  const value = fc.constantFrom('bastion', 'high', 'staging', 'production', 'pii', 'database', 'true', '');
  const tags = fc.dictionary(word, value, { maxKeys: 4 });
  const condition = fc.oneof(
    value,
    value.map((text) => ({ prefix: text })),
    value.map((text) => ({ 'anything-but': text })),
    fc.constant({ exists: true }),
  );
  const onTags = fc.dictionary(word, fc.array(condition, { minLength: 1, maxLength: 2 }), { minKeys: 1, maxKeys: 2 });
  const protection = fc.record({
    name: fc.constant('p'),
    when: onTags.map((wanted) => ({ target: { tags: wanted } })),
    decision: fc.constantFrom('ask' as const, 'deny' as const),
  });
  const settings = fc.record({
    protections: fc.array(protection, { maxLength: 3 }),
    exclusions: fc.array(
      fc.constantFrom({ name: ['web-1'] }, { name: ['other'] }).map((target) => ({
        ...{ name: 'e', owner: 'o', why: 'w', expires: '2027-01-01' },
        when: { target },
      })),
      { maxLength: 1 },
    ),
  });
  const approve = fc.option(
    fc.record({
      unless: fc.option(
        onTags.map((wanted) => ({ target: { tags: wanted } })),
        { nil: undefined },
      ),
    }),
    { nil: undefined },
  );
  const strictness = ['allow', 'ask', 'deny'];
  const asked = { by: ['oncall'], within: '30m', silence: 'lapse', quorum: 1 } as const;
  fc.assert(
    fc.property(settings, approve, tags, tags, (given, wish, before, added) => {
      const { protections, exclusions } = Settings.parse(given);
      const question = {
        ...base,
        settings: northwindSettings({ protections, exclusions }),
        step: wish
          ? { id: 's', approve: { ...asked, by: [...asked.by], ...(wish.unless && { unless: wish.unless }) } }
          : { id: 's' },
      };
      const rank = (now: JsonObject) =>
        strictness.indexOf(decide({ ...question, target: { ...base.target, tags: now } }).decision);
      expect(rank({ ...added, ...before })).toBeGreaterThanOrEqual(rank(before));
    }),
    { numRuns: 2_000 },
  );
});

describe('an exclusion of the settings', () => {
  const excluding = (expires: string) => ({
    settings: northwindSettings({
      exclusions: [
        { name: 'scanner', when: { target: { name: ['web-1'] } }, owner: 'red-team', why: 'agreed', expires },
      ],
    }),
  });
  test('is refused with its owner, to the end of its last day', () => {
    expect(decide({ ...base, ...excluding('2026-11-20') })).toEqual({
      decision: 'deny',
      reason: 'excluded',
      detail: 'scanner (red-team, until 2026-11-20)',
    });
    expect(decide({ ...base, ...excluding('2026-11-19') }).decision).toBe('allow');
  });
});

test.each([
  [10, 0.1, 0, false],
  [10, 0.1, 1, true],
  [3, 0.1, 0, false],
  [3, 0.1, 1, true],
  [100, 0.1, 9, false],
  [100, 0.1, 10, true],
  [0, 0.5, 0, false],
])('of a fleet of %i with a share of %f, %i contained: one more is too many: %s', (size, share, contained, over) => {
  expect(overShare({ id: 'f', size, contained }, share)).toBe(over);
  const { reason } = decide({
    ...base,
    settings: northwindSettings({ limits: { fleetShare: share } }),
    fleets: [{ id: 'f', size, contained }],
  });
  expect(reason).toBe(over ? 'limit-fleet' : 'allowed');
});
