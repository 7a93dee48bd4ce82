import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asJson, type Json } from '../../shared/model/json.ts';
import { render, templateProblems } from '../../shared/playbook/template.ts';

const scope: Json = {
  finding: {
    count: 3,
    sample: false,
    type: 'T',
    actor: { userName: 'ci', addresses: ['203.0.113.7', '203.0.113.8'] },
    none: null,
  },
  target: { tags: { owner: 'web team' }, port: 22 },
};

describe('filling templates', () => {
  test.each<[Json, Json]>([
    ['${finding.count}', 3],
    ['${finding.sample}', false],
    ['${finding.actor.addresses}', ['203.0.113.7', '203.0.113.8']],
    ['${finding.actor.addresses[1]}', '203.0.113.8'],
    ['${target}', { tags: { owner: 'web team' }, port: 22 }],
    ['port ${target.port} of ${finding.actor.userName}', 'port 22 of ci'],
    [' ${finding.count}', ' 3'],
    [{ a: ['${target.port}', 5, null, true] }, { a: [22, 5, null, true] }],
    ['no template $ { } $x', 'no template $ { } $x'],
    ['', ''],
  ])('%j gives %j', (template, filled) => expect(render(template, scope)).toEqual(filled));

  test.each([
    '${finding.missing}',
    '${finding.none}',
    '${finding.actor.addresses[7]}',
    '${finding.count.digits}',
    '${finding.type[0]}',
    'x ${finding.missing} y',
    '${}',
    'all of it: ${}',
    '${ finding.count }',
    '${finding..count}',
  ])('%s is a missing value, named', (template) => {
    expect(() => render(template, scope)).toThrow(expect.objectContaining({ code: 'missing-value' }));
  });

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'finding.__proto__',
    'finding.constructor.name',
    'target.tags.hasOwnProperty',
  ])('what is inherited is not there: ${%s}', (path) =>
    expect(() => render(`\${${path}}`, scope)).toThrow(expect.objectContaining({ code: 'missing-value' })),
  );

  test('a list or an object cannot stand inside a text', () => {
    expect(() => render('to ${finding.actor.addresses}', scope)).toThrow(
      expect.objectContaining({ code: 'not-a-scalar' }),
    );
  });

  test.each(['${target.port}', '$&', '$1', '$$', '$`', '${', '}${target.port', '{startedAt}', '${__proto__}'])(
    'a value that says %s is put in as it is, alone and inside a text',
    (value) => {
      const held: Json = { finding: { value }, target: { port: 22 } };
      expect(render('${finding.value}', held)).toBe(value);
      expect(render('<${finding.value}|${finding.value}>', held)).toBe(`<${value}|${value}>`);
    },
  );

  test('whatever text a value is, it is never read as a template', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(render('${finding.a}-${finding.b}', { finding: { a: `\${${a}}`, b } })).toBe(`\${${a}}-${b}`);
      }),
    );
  });

  test('a whole value keeps its type, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().filter((value) => value !== null),
        (value) => {
          expect(render('${finding.value}', { finding: { value: asJson(value) } })).toEqual(asJson(value));
        },
      ),
    );
  });

  test('a key called __proto__ stays a key', () => {
    const filled = render(JSON.parse('{"__proto__":"${target.port}"}'), scope);
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
    expect(Object.entries(filled as object)).toEqual([['__proto__', 22]]); // an object was filled
  });
});

describe('reading templates before they are filled', () => {
  test.each<[Json, number]>([
    ['${finding.actor.userName}', 0],
    [{ deep: ['${item.name}', { more: '${settings.tenant}' }] }, 0],
    ['plain', 0],
    [5, 0],
    ['${findng.actor}', 1],
    ['${secrets.key}', 1],
    ['${steps.a.b}', 1],
    ['${finding.actor', 1],
    ['${}', 1],
    ['${finding.a b}', 1],
    ['${finding.a + 1}', 1],
    ['${finding["a"]}', 1],
    ['${finding.actor.addresses[x]}', 1],
    ['${a}${b}', 2],
    ['${${finding.type}}', 1],
    [['${nope.a}', { b: '${nope.b}' }], 2],
  ])('%j has %i problems', (template, count) => expect(templateProblems(template)).toHaveLength(count));
});
