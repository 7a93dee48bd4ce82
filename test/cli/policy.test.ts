import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../../shared/policy/document.ts';
import { commanded } from '../support/cordon-command.ts';

const event = fileURLToPath(new URL('../fixtures/events/guardduty/leaked-access-key.json', import.meta.url));
const shipped = (name: string): string => fileURLToPath(new URL(`../../playbooks/${name}.yaml`, import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-policy-'));
});
afterAll(() => rm(folder, { recursive: true }));

const cordon = (...args: readonly string[]) => commanded(folder, args);
const onlyNsg = ['--playbooks', shipped('nsg-opened')];

type Role = {
  readonly documents: readonly { readonly document: { readonly Statement: readonly { Action: string[] }[] } }[];
};
const actionsOf = ({ documents }: Role): string[] =>
  documents.flatMap(({ document }) => document.Statement.flatMap(({ Action }) => Action));

describe('cordon policy', () => {
  it('tells how much of the limits the policies use, and what stands open and why', async () => {
    const { code, out } = await cordon('policy', 'aws', '--playbooks', shipped('leaked-access-key'));
    expect(code).toBe(0);
    expect(out).toMatch(/CordonWriter1\s+\d+ statements\s+[\d,]+ of 6,144 characters/);
    expect(out).toContain('1 policy of 10 that a role may have');
    expect(out).toMatch(/iam::\{account\}:user\/\*\s+\d statements\s+which one is known only when a finding comes/);
    expect(out).toContain('the writer could take the path PutUserPolicy');
  });

  it('writes the policies of one account as files that IAM takes', async () => {
    const where = join(folder, 'out');
    const given = ['--account', '111122223333', '--region', 'eu-west-1', '--out', where];
    expect((await cordon('policy', 'aws', ...given)).code).toBe(0);
    const files = (await readdir(where)).sort();
    expect(files).toContain('CordonReader1.json');
    for (const file of files) {
      const text = await readFile(join(where, file), 'utf8');
      expect(text).not.toMatch(/\{(partition|account|region)\}/);
      expect(parsePolicy(text).Statement.length).toBeGreaterThan(0);
      expect(text).not.toContain('sso:');
    }
  });

  it('refuses an account that is not configured', async () => {
    const { code, err } = await cordon('policy', 'aws', '--account', '123456789012');
    expect(code).toBe(3);
    expect(err).toContain('Accounts are 111122223333');
  });

  it('prints the template of the roles in a member account', async () => {
    const { code, out } = await cordon('policy', 'member-role', '--playbooks', shipped('leaked-access-key'));
    expect(code).toBe(0);
    expect(out).toContain('sts:ExternalId');
    expect(out).toContain('iam:UpdateAccessKey');
    expect(out).not.toContain('ec2:ModifyNetworkInterfaceAttribute');
  });

  it('prints roles of Azure for the scope that is asked for, and permissions of Graph', async () => {
    const { out } = await cordon('policy', 'azure', '--json', '--management-group', 'northwind');
    const { roles, faults } = JSON.parse(out) as {
      roles: { Name: string; AssignableScopes: string[] }[];
      faults: unknown[];
    };
    expect(faults).toEqual([]);
    expect(roles.find(({ Name }) => Name === 'Cordon Writer')?.AssignableScopes).toEqual([
      '/providers/Microsoft.Management/managementGroups/northwind',
    ]);
    expect(roles.find(({ Name }) => Name === 'Cordon Data Writer')?.AssignableScopes[0]).toMatch(/^\/subscriptions\//);
    const { conditions } = JSON.parse(out) as { conditions: unknown[] };
    const condition = expect.stringMatching(/8e3af657.*\{ownRoles\}/);
    expect(conditions).toEqual([{ role: 'Cordon Writer', condition, conditionVersion: '2.0' }]);
    const graph = await cordon('policy', 'graph');
    expect(graph.out).toMatch(/writer\s+microsoft\.directory\/servicePrincipals\/disable/);
    expect(graph.out).toMatch(/writer\s+User\.RevokeSessions\.All/);
  });

  it('keeps the rights of what is cut off now when its playbook is gone', async () => {
    const before = JSON.parse((await cordon('policy', 'aws', '--json', ...onlyNsg)).out) as { writer: Role };
    expect(actionsOf(before.writer)).toEqual([]);
    const run = await cordon('run', '--event', event, '--playbook', 'leaked-access-key', '--enforce');
    expect(run.code).toBe(0);
    const after = JSON.parse((await cordon('policy', 'aws', '--json', ...onlyNsg)).out) as { writer: Role };
    expect(actionsOf(after.writer)).toContain('iam:UpdateAccessKey');
    expect(actionsOf(after.writer)).toContain('iam:DetachUserPolicy');
    expect(actionsOf(after.writer)).not.toContain('ec2:CreateSnapshots');
  });

  it('plays the tests of playbooks with the rights of each alone, and finds nothing to object to', async () => {
    const { code, out } = await cordon('policy', 'check', '--playbooks', shipped('leaked-access-key'));
    expect(out).toMatch(/✓ 1 playbooks?, \d+ tests played with the rights of their playbook alone, 0 faults/);
    expect(code).toBe(0);
  });

  it('tells which rights no test of the playbooks uses, and with --strict refuses them', async () => {
    const given = ['policy', 'check', '--playbooks', shipped('public-function')];
    const told = await cordon(...given);
    expect(told.out).toMatch(/! granted for confirm security-hub and used by no test: securityhub:GetFindings/);
    expect(told.code).toBe(0);
    const refused = await cordon(...given, '--strict');
    expect(refused.out).toMatch(/✗ granted for confirm security-hub and used by no test/);
    expect(refused.code).toBe(1);
    const { unused } = JSON.parse((await cordon(...given, '--json')).out) as { unused: unknown };
    expect(unused).toContainEqual({ purpose: 'confirm security-hub', rights: ['securityhub:GetFindings'] });
  });

  it('tells of an action that no test gets as far as planning', async () => {
    const playbook = (await readFile(shipped('leaked-access-key'), 'utf8')).replace(
      /^steps:\n/m,
      `steps:\n  - id: never\n    action: aws.iam.disable-console-login\n    with: { userName: "\${target.userName}" }\n    when: { finding: { severity: [Informational] } }\n`,
    );
    const file = join(folder, 'wide.yaml');
    await writeFile(file, playbook);
    const { out } = await cordon('policy', 'check', '--playbooks', file);
    expect(out).toMatch(/! granted for aws\.iam\.disable-console-login and used by no test: iam:DeleteLoginProfile/);
  });

  it('says that a stage which only plans needs no writer', async () => {
    await writeFile(join(folder, 'staging.yaml'), 'stage: staging\n');
    const given = ['--config', 'staging.yaml', '--state', 'staging', '--playbooks', shipped('leaked-access-key')];
    const where = join(folder, 'of-staging');
    const { out } = await cordon('policy', 'aws', ...given, '--out', where);
    expect(out).toContain('only plans: make the reader alone, and no writer');
    expect(out).not.toContain('CordonWriter');
    expect((await readdir(where)).filter((name) => !name.startsWith('CordonReader'))).toEqual([]);
    expect(JSON.parse((await cordon('policy', 'aws', ...given, '--json')).out)).toMatchObject({ writer: null });
  });
});
