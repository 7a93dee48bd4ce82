import * as z from 'zod';
import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import { type PortableVerb, portableVerbs, tellPerson } from '../action/portable.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { Playbook, Step } from '../model/playbook.ts';
import type { Generated } from './generated.ts';

/** What editors say about a key. */
const words: Readonly<Record<string, string>> = {
  id: 'Its name: lower-case letters, digits and hyphens.',
  title: 'One line that says what it does.',
  on: 'Event pattern over { finding, event }: what starts it.',
  targets: 'Event pattern over one resource of the finding; each one picked opens a run. By default the affected ones.',
  mode: 'enforce makes changes where the stage allows it; dry-run only plans.',
  limits: 'How much it may do.',
  otherwise: 'True where the playbook answers what no other one does: it is opened once for a finding.',
  review: 'When somebody is reminded to look at the containment again: 24h, 7d.',
  maps: 'The ATT&CK techniques that it answers, for the control map.',
  steps: 'What is done, in order.',
  finally: 'Steps that run at the end, whatever became of those before.',
  tests: 'Events with what is expected of them; `cordon test` runs them on the sandbox.',
  action: 'An action, or a verb that means the action for the kind of target.',
  with: 'Inputs. ${finding.…}, ${target.…}, ${item} and ${settings.…} are filled in and keep their types.',
  when: 'Event pattern over { finding, target, steps }; the step is left out where it does not match.',
  forEach: 'A template that gives a list; the step is used once for each ${item}.',
  in: 'A template for the account, subscription or tenant to act in, where it is not the one of the finding.',
  onFailure: 'stop leaves out the steps after it, continue does not, roll-back takes the changes of the run back.',
  approve: 'Who must agree before the step is done.',
};

const draft = { io: 'input', target: 'draft-7', unrepresentable: 'any' } as const;

/** A schema without what only a whole document has. */
function plain(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, draft);
  return rest as JsonObject; // plain JSON by its making
}

const objectAt = (value: Json | undefined): JsonObject => (isObject(value) ? (value as JsonObject) : {}); // JSON inside of JSON

const mapped = (value: Json | undefined, change: (schema: JsonObject) => Json): JsonObject =>
  Object.fromEntries(Object.entries(objectAt(value)).map(([key, schema]) => [key, change(objectAt(schema))]));

const template = { $ref: '#/definitions/template' };

/** The same schema, where a template may stand for the whole and for every part. */
function orTemplate({ description, default: preset, ...schema }: JsonObject): JsonObject {
  const told = { ...(description !== undefined && { description }), ...(preset !== undefined && { default: preset }) };
  if (Object.keys(schema).join() === 'type' && schema['type'] === 'string') return { ...told, ...schema };
  const inner = {
    ...schema,
    ...(schema['properties'] !== undefined && { properties: mapped(schema['properties'], orTemplate) }),
    ...(isObject(schema['items']) && { items: orTemplate(objectAt(schema['items'])) }),
    ...(isObject(schema['additionalProperties']) && {
      additionalProperties: orTemplate(objectAt(schema['additionalProperties'])),
    }),
  };
  return { ...told, anyOf: [inner, template] };
}

type Inputs = { readonly properties: JsonObject; readonly required: readonly string[] };

function inputsOf({ input }: Action): Inputs {
  const { properties, required } = plain(input);
  return {
    properties: mapped(properties, orTemplate),
    required: Array.isArray(required) ? required.map(String) : [],
  };
}

/** Inputs of a verb: its target, and whatever an action behind it takes. */
function inputsOfVerb(verb: PortableVerb, actions: readonly Action[]): Inputs {
  const behind = actions.filter(({ portable }) => portable?.verb === verb);
  const needed = behind.map((action) =>
    inputsOf(action).required.filter((name) => !Object.hasOwn(action.portable?.with ?? {}, name)),
  );
  const common = needed.reduce<readonly string[] | undefined>(
    (both, names) => both?.filter((name) => names.includes(name)) ?? names,
    undefined,
  );
  const target = { type: 'string', description: '"${target}", an item of a list, or the id of a resource.' };
  const properties = Object.assign({}, ...behind.map((action) => inputsOf(action).properties)) as JsonObject;
  return {
    properties: { target, ...properties },
    required: ['target', ...(common ?? [])],
  };
}

/** What `with` must be once `action` is known. */
const rule = (action: string, { properties, required }: Inputs): JsonObject => ({
  if: { properties: { action: { const: action } }, required: ['action'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: { with: { type: 'object', properties, required: [...required], additionalProperties: false } },
    ...(required.length > 0 && { required: ['with'] }),
  },
});

function stepSchema(base: JsonObject, actions: readonly Action[]): JsonObject {
  const verbs = Object.keys(portableVerbs) as PortableVerb[]; // the keys of a literal
  const choices = [
    ...actions.map(({ id, title, target }) => ({ const: id, title, description: `${title}. Target: ${target}.` })),
    ...verbs.map((verb) => ({
      const: verb,
      title: portableVerbs[verb],
      description: `${portableVerbs[verb]}, on any cloud.`,
    })),
    {
      const: tellPerson,
      title: 'Tell a person',
      description: 'Tells people, and changes nothing; asks whom `approve` names.',
    },
  ];
  const properties = described(base['properties']);
  return {
    ...base,
    properties: { ...properties, action: { ...objectAt(properties['action']), type: 'string', oneOf: choices } },
    allOf: [
      ...actions.map((action) => rule(action.id, inputsOf(action))),
      ...verbs.map((verb) => rule(verb, inputsOfVerb(verb, actions))),
      rule(tellPerson, { properties: {}, required: [] }),
    ],
  };
}

function described(properties: Json | undefined): JsonObject {
  const entries = Object.entries(objectAt(properties)).map(([key, schema]) => {
    const description = Object.hasOwn(words, key) ? words[key] : undefined;
    return [key, description === undefined ? schema : { description, ...objectAt(schema) }] as const;
  });
  return Object.fromEntries(entries);
}

/** The JSON Schema (draft 7, which editors know best) that completes and checks playbooks, with the inputs of every action. */
export async function playbookSchema(catalogue: Catalogue): Promise<Generated> {
  const actions = await Promise.all(Object.values(catalogue).map(({ load }) => load()));
  const whole = plain(z.strictObject({ ...Playbook.shape, steps: z.array(Step).min(1).max(50) }));
  const properties = described(whole['properties']);
  const steps = objectAt(properties['steps']);
  const step = { $ref: '#/definitions/step' };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'playbook.schema.json',
    title: 'Cordon playbook',
    ...whole,
    properties: {
      ...properties,
      steps: { ...steps, items: { anyOf: [step, { $ref: '#/definitions/parallel' }] } },
      finally: { ...objectAt(properties['finally']), items: step },
    },
    definitions: {
      ...objectAt(whole['definitions']),
      template: {
        type: 'string',
        pattern: '\\$\\{[^{}]+\\}',
        description: 'Filled in when the plan is made: ${target.instanceId}, ${finding.actor.userName}.',
      },
      step: stepSchema(objectAt(steps['items']), actions),
      parallel: {
        type: 'object',
        description: 'Steps that run side by side; the steps after them wait for all.',
        properties: { parallel: { type: 'array', items: step, minItems: 2, maxItems: 20 } },
        required: ['parallel'],
        additionalProperties: false,
      },
    },
  };
  return { path: 'playbooks/playbook.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` };
}
