import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactId, inert, oneLine } from '../../shared/report/inert.ts';
import { dangers, injections, isFormula } from '../support/injections.ts';

describe('inert text', () => {
  test('holds nothing that is more than text, for every known trick', () => {
    expect(injections.length).toBeGreaterThan(60);
    for (const text of injections) {
      const shown = inert(text);
      expect([text.slice(0, 60), dangers(shown), isFormula(shown)]).toEqual([text.slice(0, 60), [], false]);
      expect(shown).not.toContain('\n');
      expect([...shown].length).toBeLessThanOrEqual(300);
    }
  });

  test('holds nothing that is more than text, whatever was mixed', () => {
    const piece = fc.oneof(
      fc.constantFrom(...injections.filter(({ length }) => length < 200)),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '.',
        '@',
        '[',
        ']',
        '(',
        ':',
        '/',
        '//',
        '<',
        '_',
        '*',
        'a',
        'http',
        '1',
        '\u0301',
        '&',
        '#',
        ';',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 120 }), (pieces, most) => {
        const shown = inert(pieces.join(''), most);
        expect(dangers(shown)).toEqual([]);
        expect(isFormula(shown)).toBe(false);
        expect([...shown].length).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['https://evil.example/a?b=c', 'hxxps[:]//evil[.]example/a?b=c'],
    ['203.0.113.91', '203[.]0[.]113[.]91'],
    ['2001:db8::1', '2001[:]db8[::]1'],
    ['maria@northwind.example', 'maria[@]northwind[.]example'],
    ['<!channel>', '‹!channel›'],
    ['a\r\nb', 'a b'],
    ['=1+1', "'=1+1"],
  ])('shows %j as %j', (text, shown) => {
    expect(inert(text)).toBe(shown);
  });

  test.each([
    'Credentials of web-1 are used from outside. It began at 09:05:00, two hours ago.',
    'arn:aws:iam::111122223333:user/ci_bot',
    'Köln, Zürich & 東京 (50 %)',
    'sg-0a1b2c3d4e5f60718',
  ])('leaves plain words as they are: %s', (text) => {
    expect(inert(text)).toBe(text);
  });

  test('cuts between characters and says so', () => {
    expect(inert('😀'.repeat(20), 5)).toBe('😀😀😀😀…');
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  test('64 KB of anything takes no time to speak of', () => {
    const longest = injections.filter(({ length }) => length > 10_000);
    const repeated = ['_', '&', '.', ':', 'a.', ']', '@', '1:', '\u0301'].map((text) => text.repeat(65_536));
    for (const text of [...longest, ...repeated]) expect(inert(text).length).toBeLessThanOrEqual(600);
  });
});

describe('an exact id', () => {
  test.each([
    'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718',
    '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web',
  ])('stays as it is: %s', (id) => {
    expect(exactId(id)).toBe(id);
  });

  test.each([
    'arn:aws:s3:::bucket/<!channel>',
    'arn:aws:s3:::https://evil.example',
    '/subscriptions/x//evil.example',
    '/subscriptions/../evil.example',
    'arn:aws:s3:::x\n=1+1',
    'arn:aws:iam::1:user/@everyone',
  ])('is made inert where it is not only an id: %j', (text) => {
    expect(exactId(text)).not.toBe(text);
    expect(dangers(exactId(text))).toEqual([]);
  });
});
