import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allActions } from '../../functions/wire.ts';
import { portableVerbs, tellPerson } from '../../shared/action/portable.ts';
import { playbookSchema } from '../../shared/generate/playbook-schema.ts';
import { isObject, type Json, type JsonObject, own } from '../../shared/model/json.ts';

const { text } = await playbookSchema(allActions);
const schema: JsonObject = JSON.parse(text);
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);

const problemsOf = (playbook: unknown): readonly string[] =>
  validate(playbook) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const folder = new URL('../../playbooks/', import.meta.url);
const shipped = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));

const key = { userName: '${target.userName}', accessKeyId: '${target.accessKeyId}' };
const disable = { id: 'disable', action: 'aws.iam.disable-access-key', with: key };
const playbook = (...steps: readonly Json[]): JsonObject => ({
  id: 'a-playbook',
  title: 'A',
  on: { finding: { type: ['T'] } },
  steps,
});
const nsg = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n';

test.each(shipped)('%s is as the schema has it', (name) => {
  expect(problemsOf(parse(readFileSync(new URL(name, folder), 'utf8')))).toEqual([]);
});

describe('what may be written', () => {
  test.each<[string, JsonObject]>([
    ['an action with its inputs', playbook(disable)],
    [
      'a literal where one is wanted',
      playbook({ ...disable, with: { userName: 'ci', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }),
    ],
    [
      'a template for a number and for a list',
      playbook(
        {
          id: 'a',
          action: 'azure.network.close-nsg-port',
          with: { networkSecurityGroupId: nsg, port: '${finding.count}' },
        },
        {
          id: 'b',
          action: 'azure.network.deny-address',
          with: { networkSecurityGroupId: nsg, addresses: ['${item}', '203.0.113.7'], direction: 'Inbound' },
        },
      ),
    ],
    ['a portable verb', playbook({ id: 'a', action: 'close-port', with: { target: '${target}', port: 22 } })],
    [
      'a verb that needs nothing beside its target',
      playbook({ id: 'a', action: 'isolate-compute', with: { target: '${target}' } }),
    ],
    ['steps side by side', playbook({ parallel: [disable, { ...disable, id: 'other' }] })],
    ['steps at the end', { ...playbook(disable), finally: [{ ...disable, id: 'last' }] }],
    [
      'a quorum and a step that is rolled back',
      playbook({ ...disable, onFailure: 'roll-back', approve: { by: ['a'], within: '1h', quorum: 2 } }),
    ],
  ])('%s', (_, value) => expect(problemsOf(value)).toEqual([]));
});

describe('what may not', () => {
  test.each<[string, JsonObject, string]>([
    ['an unknown action', playbook({ ...disable, action: 'aws.iam.disable-acess-key' }), '/steps/0/action'],
    ['a step without an action', playbook({ id: 'a' }), "required property 'action'"],
    [
      'an unknown input',
      playbook({ ...disable, with: { ...key, user: 'x' } }),
      '/steps/0/with must NOT have additional',
    ],
    [
      'an input of another action',
      playbook({ ...disable, with: { ...key, instanceId: 'x' } }),
      '/steps/0/with must NOT',
    ],
    ['a missing input', playbook({ ...disable, with: { userName: 'ci' } }), "required property 'accessKeyId'"],
    ['no inputs where some are needed', playbook({ id: 'a', action: disable.action }), "required property 'with'"],
    [
      'a literal that does not fit',
      playbook({ ...disable, with: { ...key, accessKeyId: 'ASIAX' } }),
      '/steps/0/with/accessKeyId',
    ],
    [
      'text where a number is wanted',
      playbook({ id: 'a', action: 'azure.network.close-nsg-port', with: { networkSecurityGroupId: nsg, port: 'ssh' } }),
      '/steps/0/with/port',
    ],
    [
      'a number out of bounds',
      playbook({
        id: 'a',
        action: 'azure.network.close-nsg-port',
        with: { networkSecurityGroupId: nsg, port: 70_000 },
      }),
      '/steps/0/with/port',
    ],
    [
      'a word that is none of an input',
      playbook({
        id: 'a',
        action: 'azure.network.deny-address',
        with: { networkSecurityGroupId: nsg, addresses: ['203.0.113.7'], direction: 'inbound' },
      }),
      '/steps/0/with/direction',
    ],
    [
      'a verb without its target',
      playbook({ id: 'a', action: 'close-port', with: { port: 22 } }),
      "required property 'target'",
    ],
    [
      'a verb without what all need',
      playbook({ id: 'a', action: 'close-port', with: { target: '${target}' } }),
      "required property 'port'",
    ],
    [
      'a verb with what none has',
      playbook({ id: 'a', action: 'isolate-compute', with: { target: '${target}', port: 1 } }),
      '/with must NOT',
    ],
    ['an unknown key', { ...playbook(disable), titel: 'x' }, 'must NOT have additional'],
    ['an unknown key of a step', playbook({ ...disable, onFail: 'stop' }), '/steps/0 must NOT have additional'],
    ['a wrong mode', { ...playbook(disable), mode: 'enforced' }, '/mode must be equal'],
    ['one step side by side with nothing', playbook({ parallel: [disable] }), '/steps/0/parallel must NOT have fewer'],
    [
      'a wrong step in a group',
      playbook({ parallel: [disable, { ...disable, action: 'x' }] }),
      '/steps/0/parallel/1/action',
    ],
    ['a wrong step at the end', { ...playbook(disable), finally: [{ ...disable, with: {} }] }, '/finally/0/with'],
    ['an approval without a time', playbook({ ...disable, approve: { by: ['a'] } }), "required property 'within'"],
  ])('%s', (_, value, where) => {
    const problems = problemsOf(value);
    expect(problems.join('\n')).toContain(where);
  });
});

describe('what editors show', () => {
  const stepSchema = own(own(schema, 'definitions'), 'step');
  const rules = own(stepSchema, 'allOf');
  const list = Array.isArray(rules) ? rules : [];

  test('every action and every verb is offered with its title', () => {
    const action = own(own(stepSchema, 'properties'), 'action');
    const choices = own(action, 'oneOf');
    const offered = Array.isArray(choices)
      ? choices.map((one: unknown) => [own(one, 'const'), typeof own(one, 'title')])
      : [];
    const wanted = [...Object.keys(allActions), ...Object.keys(portableVerbs), tellPerson].map((id) => [id, 'string']);
    expect(offered).toEqual(wanted);
    expect(list).toHaveLength(wanted.length);
  });

  test('every input of every action has a description', () => {
    const bare = list.flatMap((rule: unknown) => {
      const action = own(own(own(own(rule, 'if'), 'properties'), 'action'), 'const');
      const inputs = own(own(own(own(rule, 'then'), 'properties'), 'with'), 'properties');
      if (!isObject(inputs)) return [`${String(action)} has no inputs`];
      return Object.entries(inputs).flatMap(([name, input]) =>
        typeof own(input, 'description') === 'string' ? [] : [`${String(action)} ${name}`],
      );
    });
    expect(bare).toEqual([]);
  });

  test('every key of a playbook and of a step has a description', () => {
    for (const part of [schema, stepSchema])
      for (const [name, member] of Object.entries(own(part, 'properties') ?? {}))
        expect(typeof own(member, 'description'), name).toBe('string');
  });

  test('the file is the one that is generated', () => {
    expect(readFileSync(new URL('playbook.schema.json', folder), 'utf8')).toBe(text);
  });
});
