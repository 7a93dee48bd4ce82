import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bold, columns, cyan, dim, green, inert, red, rule, wrap, yellow } from '../../../shared/cli/style.ts';
import { type Settings, stageMode } from '../../../shared/config/settings.ts';
import { memberTemplate } from '../../../shared/generate/member-template.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { awsPlace, neededIn } from '../../../shared/playbook/aws-place.ts';
import { type RightsNeeded, rightsNeeded } from '../../../shared/playbook/rights-needed.ts';
import { checkRights } from '../../../shared/policy/check-rights.ts';
import { conditionVersion } from '../../../shared/policy/azure-condition.ts';
import { type AwsPolicies, compileAws } from '../../../shared/policy/compile-aws.ts';
import { type AzureRoleWanted, compileAzure, roleDefinition } from '../../../shared/policy/compile-azure.ts';
import { awsPaths, azurePaths, judgeAws, judgeAzure, type PathFound } from '../../../shared/policy/judge-rights.ts';
import { reconcileRights } from '../../../shared/policy/reconcile-rights.ts';
import { ownFilledIn, ownIdentities, ownRoles } from '../../../shared/policy/role-assigning.ts';
import { charactersOf, managedPolicyCharacters, policiesPerRole } from '../../../shared/policy/split.ts';
import { held } from '../../../shared/records/containments.ts';
import { writeBackRights } from '../../../shared/report/write-back-rights.ts';
import { allActions, allReads } from '../../wire.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';

export type AwsOptions = Common & {
  readonly account?: string;
  readonly region: readonly string[];
  readonly out?: string;
};
export type AzureOptions = Common & { readonly managementGroup?: string; readonly out?: string };
type Source = Pick<Desk, 'playbooks' | 'settings' | 'deps'>;

/** What the playbooks of this desk and what is cut off now need. */
export async function neededAt({ playbooks, settings, deps }: Source): Promise<RightsNeeded> {
  const writeBack = writeBackRights(settings.writeBack);
  const declared = {
    catalogue: allActions,
    reads: allReads,
    writeBack,
    checks: checkRights,
    reconcile: reconcileRights,
  };
  return rightsNeeded(declared, { playbooks: await playbooks(), containments: await held(deps) });
}

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const grouped = (count: number): string => count.toLocaleString('en-US');

/** What cannot be granted, and that a stage of plans needs no writer. */
const remarks = ({ unknown }: RightsNeeded, settings: Settings): readonly string[] => [
  ...unknown.map(
    (id) => `${red('✗')} an open containment was made by ${inert(id)}, which is no action of this version`,
  ),
  ...(stageMode(settings) === 'enforce'
    ? []
    : [`${yellow('!')} stage ${bold(settings.stage)} only plans: make the reader alone, and no writer`]),
];

async function written(folder: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files).map((name) => `${green('wrote')} ${join(folder, name)}`);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const holders = ['reader', 'writer'] as const;

/** Who there is to be in a stage: where it only plans, no writer. */
const wantedIn = (settings: Settings): readonly (typeof holders)[number][] =>
  stageMode(settings) === 'enforce' ? holders : ['reader'];

function roleLines(
  name: string,
  writerRole: string,
  { documents, purposes, wildcards }: AwsPolicies,
): readonly string[] {
  const rows = documents.map((document, at) => {
    const characters = charactersOf(document);
    const share = Math.round((characters / managedPolicyCharacters) * 100);
    const size = `${grouped(characters)} of ${grouped(managedPolicyCharacters)} characters (${share} %)`;
    return [cyan(`${name}${at + 1}`), plural(document.Statement.length, 'statement'), size];
  });
  const wide = wildcards.map(({ on, why, sids }) => [
    `  ${on.replace(/^arn:[^:]*:/, '')}`,
    dim(plural(sids.length, 'statement')),
    dim(why),
  ]);
  const uses = [...new Set(Object.values(purposes).flat())].sort();
  return [
    rule(name),
    ...columns(rows, '  '),
    `  ${plural(documents.length, 'policy', 'policies')} of ${policiesPerRole} that a role may have ${dim('(20 once the quota is raised)')}`,
    ...(wide.length > 0 ? ['', `  ${bold('not named to the end:')}`, ...columns(wide, '  ')] : []),
    ...(name === writerRole ? [`  ${dim('a session of it reaches only what the plan of its run names')}`] : []),
    '',
    ...wrap(`for ${uses.join(', ')}`, 96).map((line) => `  ${dim(line)}`),
    '',
  ];
}

const pathLines = (paths: readonly PathFound[]): readonly string[] =>
  paths.flatMap(({ holder, path, because }) => [
    `  ${because === undefined ? red('✗') : yellow('!')} the ${holder} could take the path ${bold(path)}`,
    ...wrap(because ?? 'nothing bounds it', 96).map((line) => `      ${dim(line)}`),
  ]);

function compiledAws(
  needed: RightsNeeded,
  settings: Settings,
  { account, region }: Pick<AwsOptions, 'account' | 'region'>,
) {
  if (account !== undefined && !Object.hasOwn(settings.aws.accounts, account))
    throw new InvalidInput({
      code: 'account-unknown',
      message: `AWS account ${account} is not configured`,
      remedy: `Accounts are ${Object.keys(settings.aws.accounts).join(', ') || 'none: add them under aws.accounts'}.`,
    });
  const place = awsPlace(settings, { ...(account !== undefined && { account }), regions: region });
  return compileAws(neededIn(needed.aws, settings, account), place);
}

/** Writes the managed policies of reader and writer in member accounts. */
export async function policyAws(desk: Source, options: AwsOptions): Promise<ExitCode> {
  const { settings } = desk;
  const needed = await neededAt(desk);
  const policies = compiledAws(needed, settings, options);
  const names = { reader: settings.aws.readerRole, writer: settings.aws.writerRole };
  const wanted = wantedIn(settings);
  const files = Object.fromEntries(
    wanted.flatMap((holder) =>
      policies[holder].documents.map((document, at) => [`${names[holder]}${at + 1}.json`, json(document)] as const),
    ),
  );
  const told = options.out === undefined ? [] : await written(options.out, files);
  const faults = judgeAws(policies);
  const paths = awsPaths(policies).filter(({ holder }) => wanted.includes(holder));
  const of = ({ documents, purposes, wildcards }: AwsPolicies) => ({
    documents: documents.map((document) => ({ characters: charactersOf(document), document })),
    purposes,
    wildcards,
  });
  print(
    options.json,
    {
      reader: of(policies.reader),
      writer: wanted.includes('writer') ? of(policies.writer) : null,
      paths,
      faults,
      unknown: needed.unknown,
    },
    () => [
      ...wanted.flatMap((holder) => roleLines(names[holder], names.writer, policies[holder])),
      ...pathLines(paths),
      ...remarks(needed, settings),
      ...told,
      ...(told.length > 0 ? [] : [dim('With --out <folder> the policies are written; with --json they are printed.')]),
    ],
  );
  return faults.length > 0 || needed.unknown.length > 0 ? exit.failed : exit.done;
}

/** Prints the CloudFormation template of reader and writer role for these playbooks. */
export async function policyMemberRole(desk: Source, { json: asJson }: Common): Promise<ExitCode> {
  const { reader, writer } = compileAws(
    (await neededAt(desk)).aws,
    awsPlace(desk.settings, { partition: '{partition}' }),
  );
  const { text } = memberTemplate({ reader: reader.documents, writer: writer.documents });
  print(asJson, { template: text }, () => [text.trimEnd()]);
  return exit.done;
}

const scopesOf = ({ scope }: AzureRoleWanted, { azure }: Settings, managementGroup: string | undefined) => {
  const group = `/providers/Microsoft.Management/managementGroups/${managementGroup}`;
  return scope === 'management-group' && managementGroup !== undefined
    ? [group]
    : azure.subscriptions.map((subscription) => `/subscriptions/${subscription}`);
};

/** Writes the custom roles of both identities as `az role definition create` takes them. */
export async function policyAzure(
  desk: Source,
  { json: asJson, managementGroup, out }: AzureOptions,
): Promise<ExitCode> {
  const { settings } = desk;
  const needed = await neededAt(desk);
  const rights = compileAzure(needed.azure);
  const definitions = rights.roles.map((role) => roleDefinition(role, scopesOf(role, settings, managementGroup)));
  const { identities } = settings.azure;
  // the ids of the roles are not known before they are made
  const own = { roles: [ownRoles], identities: identities.length > 0 ? identities : [ownIdentities] };
  const conditions = rights.roles.flatMap(({ name, condition }) =>
    condition === '' ? [] : [{ role: name, condition: ownFilledIn(condition, own), conditionVersion }],
  );
  const fileOf = (name: string) => name.toLowerCase().replaceAll(' ', '-');
  const files = [
    ...definitions.map((one) => [`${fileOf(one.Name)}.json`, json(one)] as const),
    ...conditions.map(({ role, condition }) => [`${fileOf(role)}.condition.txt`, `${condition}\n`] as const),
  ];
  const told = out === undefined ? [] : await written(out, Object.fromEntries(files));
  const faults = judgeAzure(rights);
  print(asJson, { roles: definitions, conditions, paths: azurePaths(rights), faults, unknown: needed.unknown }, () => [
    ...definitions.flatMap((one, at) => [
      rule(one.Name),
      `  ${one.Description}`,
      ...columns(
        [...one.Actions, ...one.DataActions].map((action) => [
          cyan(action),
          dim((rights.purposes[rights.roles[at]?.holder ?? 'reader'][action] ?? []).join(', ')),
        ]),
        '  ',
      ),
      ...one.NotActions.map((action) => `  ${dim(`without ${action}`)}`),
      ...conditions
        .filter(({ role }) => role === one.Name)
        .flatMap(({ condition }) => [
          `  ${bold(`assigned under this condition, with the ids of these roles at ${ownRoles}:`)}`,
          ...wrap(condition, 96).map((line) => `    ${line}`),
        ]),
      `  ${dim(`assignable at ${one.AssignableScopes.join(', ') || 'no scope: name subscriptions under azure.subscriptions'}`)}`,
      '',
    ]),
    ...pathLines(azurePaths(rights)),
    ...remarks(needed, settings),
    ...told,
  ]);
  return faults.length > 0 || needed.unknown.length > 0 ? exit.failed : exit.done;
}

/** Lists the application permissions of Microsoft Graph, and those of custom roles of Entra. */
export async function policyGraph(desk: Source, { json: asJson }: Common): Promise<ExitCode> {
  const { graph: permissions, entra, purposes } = compileAzure((await neededAt(desk)).azure);
  const graph = [...permissions, ...entra];
  print(asJson, graph, () =>
    graph.length === 0
      ? ['No playbook needs Microsoft Graph.']
      : columns(
          graph.map(({ holder, permission }) => [
            holder,
            cyan(permission),
            dim((purposes[holder][permission] ?? []).join(', ')),
          ]),
        ),
  );
  return exit.done;
}
