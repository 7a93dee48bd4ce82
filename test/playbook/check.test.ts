import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { actionsOf } from '../../shared/action/action.ts';
import type { Catalogue } from '../../shared/action/catalogue.ts';
import { iamDisableAccessKey } from '../../shared/actions/aws/iam-disable-access-key.ts';
import { networkCloseNsgPort } from '../../shared/actions/azure/network-close-nsg-port.ts';
import { checkPlaybook } from '../../shared/playbook/check.ts';
import { readPlaybook } from '../../shared/playbook/parse.ts';

const entry = (action: Awaited<ReturnType<Catalogue[string]['load']>>) => ({ hash: 'h', load: async () => action });
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
    expect(await problems(text('"${target.id}"', '"${finding.port}"'))).toEqual([]);
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
