import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import { actionsOf } from '../../shared/action/action.ts';
import type { Catalogue } from '../../shared/action/catalogue.ts';
import { iamDisableAccessKey } from '../../shared/actions/aws/iam-disable-access-key.ts';
import { networkCloseNsgPort } from '../../shared/actions/azure/network-close-nsg-port.ts';
import { checkPlaybook } from '../../shared/playbook/check.ts';
import { readPlaybook } from '../../shared/playbook/parse.ts';

const entry = (action: Awaited<ReturnType<Catalogue[string]['load']>>) => ({
  hash: 'h',
  d3fend: 'D3-CR',
  load: async () => action,
});
const optional = actionsOf<object>({ cloud: 'aws', names: [], fault: (thrown) => thrown, enter: () => ({}) })({
  id: 'aws.toy.optional',
  title: 'Optional',
  target: 'other',
  d3fend: 'D3-CR',
  input: z.strictObject({ name: z.string(), note: z.string().optional() }),
  value: z.string(),
  permissions: { read: [], write: [] },
  settles: { seconds: 0 },
  examples: [{ name: 'a' }],
}).does({ capture: async () => ({}), plan: () => ({}), apply: async () => {} });
const catalogue: Catalogue = {
  'aws.iam.disable-access-key': entry(iamDisableAccessKey),
  'azure.network.close-nsg-port': entry(networkCloseNsgPort),
  'aws.toy.optional': entry(optional),
};

const step = `  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
`;
const playbookWith = (steps: string, on = '{ finding: { type: [T] } }') =>
  `id: a-playbook\ntitle: A\non: ${on}\nsteps:\n${steps}`;

async function problems(text: string) {
  const { read, problems: unread } = readPlaybook(text, 'a.yaml');
  expect(unread.map((problem) => problem.describe())).toEqual([]);
  const found = read ? await checkPlaybook(read, catalogue) : [];
  return found.map((problem) => ({ message: problem.message, remedy: problem.remedy, line: problem.place?.line }));
}

test('a good playbook has no problems', async () => {
  expect(await problems(playbookWith(step))).toEqual([]);
  expect(await problems(playbookWith('  - { id: toy, action: aws.toy.optional, with: { name: x } }\n'))).toEqual([]);
});

describe('a step that only tells a person', () => {
  const telling = (more: string) => playbookWith(`  - { id: tell, action: tell-person${more} }\n`);
  const unasked = {
    message: 'approve of tell-person takes neither when nor unless',
    remedy: 'Say who is asked: approve: { by: [approver], within: 8h }; without approve people are told.',
    line: 5,
  };

  test('tells everybody, or asks those whom it names', async () => {
    expect(await problems(telling(', approve: { by: [approver], within: 8h }'))).toEqual([]);
    expect(await problems(telling(''))).toEqual([]);
  });

  test('asks always: there is nothing else that it could do', async () => {
    const sometimes = ', approve: { by: [approver], within: 8h, when: { finding: { severity: [High] } } }';
    expect(await problems(telling(sometimes))).toEqual([unasked]);
  });

  test('and takes no inputs', async () => {
    const [first] = await problems(telling(', with: { what: this }, approve: { by: [approver], within: 8h }'));
    expect(first?.message).toBe('tell-person has no input what');
  });
});

describe('a problem is told with its line', () => {
  test('unknown action, with the nearest one', async () => {
    expect(await problems(playbookWith(step.replace('disable-access-key', 'disable-acess-key')))).toEqual([
      {
        message: 'there is no action aws.iam.disable-acess-key',
        remedy: 'Did you mean aws.iam.disable-access-key?',
        line: 6,
      },
    ]);
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no action', async (name) => {
    const [problem] = await problems(playbookWith(step.replace('aws.iam.disable-access-key', name)));
    expect(problem?.message).toBe(`there is no action ${name}`);
  });

  test('unknown input, with the nearest one, and the missing one', async () => {
    expect(await problems(playbookWith(step.replace('userName:', 'username:')))).toEqual([
      { message: 'aws.iam.disable-access-key has no input username', remedy: 'Did you mean userName?', line: 7 },
      { message: 'aws.iam.disable-access-key needs the input userName', remedy: undefined, line: 7 },
    ]);
  });

  test('a literal that does not fit', async () => {
    const nsg = '/subscriptions/a/resourceGroups/b/providers/Microsoft.Network/networkSecurityGroups/c';
    const text = (id: string, port: string) =>
      playbookWith(
        `  - id: close\n    action: azure.network.close-nsg-port\n    with: { networkSecurityGroupId: ${id}, port: ${port} }\n`,
      );
    expect(await problems(text(nsg, '22'))).toEqual([]);
    expect((await problems(text(nsg, '70000'))).map(({ message, line }) => [message.split(':')[0], line])).toEqual([
      ['port', 7],
    ]);
    expect((await problems(text(nsg, '"22"')))[0]?.message).toContain('port');
    expect((await problems(text('/subscriptions/x', '22')))[0]?.message).toContain('networkSecurityGroupId');
    expect(await problems(text('"${target.id}"', '"${finding.count}"'))).toEqual([]);
  });

  test.each([
    ['unless: { target: { tags: { environment: [staging] } } }', 'looks at target.tags.environment'],
    ['unless: { $or: [{ target: { name: [a] } }, { target: { tags: { a: [b] } } }] }', 'looks at target.tags.a'],
    ['when: { target: { tags: { owner: [{ exists: false }] } } }', 'asks for the absence of target.tags.owner'],
  ])('an approval that a tag would make laxer: %s', async (condition, message) => {
    const [found, ...more] = await problems(
      playbookWith(`${step}    approve: { by: [a], within: 1h, ${condition} }\n`),
    );
    expect(more).toEqual([]);
    expect(found?.message).toContain(message);
    expect(found?.line).toBe(8);
  });

  test('an approval that a tag makes stricter is none', async () => {
    const approve = 'approve: { by: [a], within: 1h, when: { target: { tags: { environment: [production] } } } }';
    expect(await problems(playbookWith(`${step}    ${approve}\n`))).toEqual([]);
  });

  test.each([
    ['the trigger', playbookWith(step, '{ finding: { severity: [{ preefix: H }] } }'), 3],
    ['when', playbookWith(`${step}    when: { finding: { type: text } }\n`), 8],
    [
      'approve.unless',
      playbookWith(`${step}    approve: { by: [a], within: 1h, unless: { target: { tags: [] } } }\n`),
      8,
    ],
    ['targets', `${playbookWith(step)}targets: { type: [{ nothing: 1 }] }\n`, 8],
  ])('a pattern that is none: %s', async (_, text, line) => {
    const found = await problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.line).toBe(line);
  });

  test('a template that starts from nowhere, does not end or is no path', async () => {
    for (const template of ['${secret.key}', '${target.userName', '${target.a b}'])
      expect(await problems(playbookWith(step.replace('${target.userName}', template)))).toHaveLength(1);
    expect(await problems(playbookWith(`${step}    forEach: "\${targets}"\n`))).toHaveLength(1);
    expect(await problems(playbookWith(`${step}    in: "\${setting.tenant}"\n`))).toHaveLength(1);
  });

  test('two steps of one name, and a name that a list of another step would make', async () => {
    expect((await problems(playbookWith(step + step))).map(({ message }) => message)).toEqual([
      'two steps are called disable',
    ]);
    const listed = `${step}    forEach: "\${finding.resources}"\n${step.replace('id: disable', 'id: disable-2')}`;
    expect((await problems(playbookWith(listed))).map(({ message }) => message)).toEqual([
      'disable-2 is also what the second use of disable would be called',
    ]);
  });
});

describe('a template is followed through the finding and the kinds of target that are picked', () => {
  const key = 'targets: { type: [aws.iam.access-key] }\n';
  const withUser = (template: string, head = key) => head + playbookWith(step.replace('${target.userName}', template));

  test.each<[string, string, string | undefined]>([
    ['${finding.actor.usrName}', '${finding.actor.usrName}: finding.actor has no usrName', 'Did you mean userName?'],
    ['${finding.actr.userName}', '${finding.actr.userName}: finding has no actr', 'Did you mean actor?'],
    ['${target.usrName}', '${target.usrName}: target has no usrName', 'Did you mean userName?'],
    ['${target.instanceId}', '${target.instanceId}: target has no instanceId', undefined],
    ['${settings.tennant}', '${settings.tennant}: settings has no tennant', 'Did you mean tenant?'],
    ['${target.constructor.name}', '${target.constructor.name}: target has no constructor', undefined],
    ['${target.__proto__}', '${target.__proto__}: target has no __proto__', undefined],
    ['${finding.title.length}', '${finding.title.length}: finding.title has no length', undefined],
    ['${item}', '${item} stands outside of a step with forEach', undefined],
    ['${finding.count}', '${finding.count} is a whole number, wanted is text', undefined],
    ['${finding.actor.addresses}', '${finding.actor.addresses} is a list, wanted is text', undefined],
    ['ci-${finding.actor.addresses}', '${finding.actor.addresses} is a list and cannot stand inside a text', undefined],
    ['${finding.actor.role}', '${finding.actor.role} is an object, wanted is text', undefined],
  ])('%s: %s', async (template, message, remedy) => {
    const [problem, ...more] = await problems(withUser(template));
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ message, line: 8 });
    if (remedy !== undefined) expect(problem?.remedy).toBe(remedy);
  });

  test.each([
    '${finding.actor.userName}',
    '${finding.resources[0].name}',
    '${finding.link.detectorId}',
    '${target.tags.owner}',
    '${target.userPath}',
    'ci-${finding.count}',
  ])('%s may be there', async (template) => expect(await problems(withUser(template))).toEqual([]));

  test('without a kind of target in `targets` a member of any kind may be there', async () => {
    expect(await problems(withUser('${target.instanceId}', ''))).toEqual([]);
    expect((await problems(withUser('${target.nonsense}', '')))[0]?.remedy).toContain('Known are');
  });

  test('a kind of target that there is not', async () => {
    expect(await problems(`targets: { type: [aws.iam.acess-key] }\n${playbookWith(step)}`)).toEqual([
      { message: 'there is no kind of target aws.iam.acess-key', remedy: 'Did you mean aws.iam.access-key?', line: 1 },
    ]);
  });

  test('the items of a list are known, and what is no list cannot be gone through', async () => {
    const listed = (list: string, item: string) =>
      playbookWith(`${step.replace('${target.userName}', item)}    forEach: "${list}"\n`);
    expect(await problems(listed('${finding.actor.addresses}', '${item}'))).toEqual([]);
    expect(await problems(listed('${finding.resources}', '${item.name}'))).toEqual([]);
    expect((await problems(listed('${finding.resources}', '${item.nam}')))[0]?.remedy).toBe('Did you mean name?');
    expect((await problems(listed('${finding.title}', 'x')))[0]?.message).toBe(
      '${finding.title} is text, wanted is a list',
    );
  });

  test('a template for the account must give text', async () => {
    expect((await problems(playbookWith(`${step}    in: "\${finding.count}"\n`)))[0]?.message).toBe(
      '${finding.count} is a whole number, wanted is text',
    );
  });

  test('a word that is none of those an input takes', async () => {
    const text = `  - id: deny
    action: azure.network.deny-address
    with: { networkSecurityGroupId: "\${target.id}", addresses: "\${finding.actor.addresses}", direction: "\${finding.severity}" }
`;
    const { read } = readPlaybook(playbookWith(text), 'a.yaml');
    const found = read ? await checkPlaybook(read, allActions) : [];
    expect(found.map(({ message }) => message.split(', wanted')[1])).toEqual([' is Inbound or Outbound']);
  });
});

describe('a problem inside a group and at the end has its line too', () => {
  const indented = (text: string) => text.replaceAll(/^ {2}/gm, '      ');
  const grouped = (more = step) =>
    playbookWith(`  - parallel:\n${indented(step)}${indented(more.replace('id: disable', 'id: other'))}`);

  test('a good group and a good end have no problems', async () => {
    expect(await problems(`${grouped()}finally:\n${step.replace('id: disable', 'id: last')}`)).toEqual([]);
  });

  test('unknown action, unknown input and unknown member', async () => {
    const wrong = async (from: string, to: string) =>
      (await problems(grouped(step.replace(from, to)))).map(({ message, remedy, line }) => [message, remedy, line]);
    expect(await wrong('disable-access', 'disable-acess')).toEqual([
      ['there is no action aws.iam.disable-acess-key', 'Did you mean aws.iam.disable-access-key?', 10],
    ]);
    expect((await wrong('userName:', 'usrName:'))[0]).toEqual([
      'aws.iam.disable-access-key has no input usrName',
      'Did you mean userName?',
      11,
    ]);
    expect(await wrong('${target.userName}', '${target.usrName}')).toEqual([
      ['${target.usrName}: target has no usrName', 'Did you mean userName?', 11],
    ]);
    const last = step.replace('id: disable', 'id: last').replace('access-key', 'acess-key');
    expect((await problems(`${playbookWith(step)}finally:\n${last}`))[0]?.line).toBe(10);
  });

  test('one name twice, in a group and at the end', async () => {
    const last = step.replace('id: disable', 'id: other');
    expect((await problems(`${grouped()}finally:\n${last}`)).map(({ message, line }) => [message, line])).toEqual([
      ['two steps are called other', 13],
    ]);
  });
});

describe('portable verbs', () => {
  const verb = (given: string, action = 'close-port', head = '') =>
    `${head}${playbookWith(`  - id: one\n    action: ${action}\n    with: ${given}\n`)}`;
  const found = async (text: string) => {
    const { read } = readPlaybook(text, 'a.yaml');
    const all = read ? await checkPlaybook(read, allActions) : [];
    return all.map(({ message, remedy }) => [message, remedy]);
  };
  const groups = 'targets: { type: [azure.network.security-group, aws.ec2.security-group] }\n';

  test('a good use has no problems', async () => {
    expect(await found(verb('{ target: "${target}", port: 22 }', 'close-port', groups))).toEqual([]);
    expect(await found(verb('{ target: "${target}" }', 'isolate-compute'))).toEqual([]);
    expect(await found(verb('{ target: "${target}", cutFlows: true }', 'isolate-compute'))).toEqual([]);
  });

  test('a verb that is none, with the nearest one', async () => {
    expect(await found(verb('{ target: "${target}" }', 'isolate-compte'))).toEqual([
      ['there is no action isolate-compte', 'Did you mean isolate-compute?'],
    ]);
  });

  test('a kind of target that nothing is declared for', async () => {
    const buckets = 'targets: { type: [aws.s3.bucket] }\n';
    expect(await found(verb('{ target: "${target}" }', 'isolate-compute', buckets))).toEqual([
      [
        'no action declares isolate-compute for aws.s3.bucket',
        'There is one for aws.ec2.instance, azure.compute.virtual-machine.',
      ],
    ]);
  });

  test('inputs that no action behind it has, that all of them need, and that fit none', async () => {
    expect(await found(verb('{ target: "${target}", prot: 22 }', 'close-port', groups))).toEqual([
      ['close-port has no input prot', 'Did you mean port?'],
      ['close-port needs the input port', undefined],
    ]);
    expect(await found(verb('{ port: 22 }'))).toEqual([['close-port needs the input target', undefined]]);
    expect((await found(verb('{ target: "${target}", port: 99999 }', 'close-port', groups)))[0]?.[0]).toMatch(
      /^port: /,
    );
    expect((await found(verb('{ target: "${finding.count}", port: 22 }')))[0]?.[0]).toBe(
      '${finding.count} is a whole number, wanted is text or an object',
    );
  });
});

test('a question that no host could keep open is refused', async () => {
  const asking = (approve: string) => playbookWith(`${step}    approve: ${approve}\n`);
  expect(await problems(asking('{ by: [a], within: 300d }'))).toEqual([]);
  expect(await problems(asking('{ by: [a], within: 300d, silence: escalate }'))).toEqual([
    { message: 'the question would stay open for over 366 days', remedy: 'Ask for a shorter time.', line: 8 },
  ]);
});
