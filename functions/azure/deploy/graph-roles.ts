import { parseArgs } from 'node:util';
import * as z from 'zod';
import { CordonError, InvalidInput, messageOf } from '../../../shared/model/error.ts';
import { azRest } from './az-rest.ts';
import { directoryChanges } from './directory-role.ts';
import type { CallGraph, GraphChange } from './graph-change.ts';
import { assignmentsTaken } from './role-assignments.ts';
import rights from './rights.generated.json' with { type: 'json' };

/** Microsoft Graph itself, the same in every tenant. */
const graphAppId = '00000003-0000-0000-c000-000000000000';
const graphUrl = 'https://graph.microsoft.com/v1.0';

const Graph = z.object({
  value: z.tuple([
    z.object({
      id: z.uuid(),
      appRoles: z.array(
        z.object({ id: z.uuid(), value: z.string().nullable(), allowedMemberTypes: z.array(z.string()) }),
      ),
    }),
  ]),
});
const Assigned = z.object({
  value: z.array(z.object({ id: z.string().min(1), appRoleId: z.uuid(), resourceId: z.uuid() })),
});

/**
 * What has to change so that an identity has exactly these application permissions of Microsoft Graph
 * (learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments): those that are missing are granted, those of
 * Graph that are no longer wanted revoked. Throws where Graph knows no such permission.
 */
export async function graphChanges(
  call: CallGraph,
  principalId: string,
  wanted: readonly string[],
): Promise<readonly GraphChange[]> {
  const found = await call('get', `${graphUrl}/servicePrincipals?$filter=appId eq '${graphAppId}'&$select=id,appRoles`);
  const [graph] = Graph.parse(found).value;
  const roles = graph.appRoles.filter(({ allowedMemberTypes }) => allowedMemberTypes.includes('Application'));
  const url = `${graphUrl}/servicePrincipals/${principalId}/appRoleAssignments`;
  const assigned = Assigned.parse(await call('get', url)).value.filter(({ resourceId }) => resourceId === graph.id);
  const grants = wanted.map((permission): GraphChange[] => {
    const role = roles.find(({ value }) => value === permission);
    if (!role) throw new TypeError(`Microsoft Graph has no application permission ${permission}`);
    if (assigned.some(({ appRoleId }) => appRoleId === role.id)) return [];
    const body = { principalId, resourceId: graph.id, appRoleId: role.id };
    return [{ line: `+ ${permission}`, apply: () => call('post', url, body) }];
  });
  const nameOf = (appRoleId: string) => graph.appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId;
  const revokes = assigned
    .filter(({ appRoleId }) => !wanted.includes(nameOf(appRoleId)))
    .map(({ id, appRoleId }) => ({ line: `- ${nameOf(appRoleId)}`, apply: () => call('delete', `${url}/${id}`) }));
  return [...grants.flat(), ...revokes];
}

const options = {
  stage: { type: 'string', default: '' },
  reader: { type: 'string', default: '' },
  writer: { type: 'string', default: '' },
  /** Identities of a stage that once had rights and is to have none. */
  'former-reader': { type: 'string', default: '' },
  'former-writer': { type: 'string', default: '' },
  'management-group': { type: 'string', default: '' },
  subscriptions: { type: 'string', default: '' },
  'what-if': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const usage = `Gives Cordon's identities what they need of Microsoft Graph and Entra, and takes away what they no longer need.

  node functions/azure/deploy/graph-roles.ts --stage <name> [--reader <object id>] [--writer <object id>] [--what-if]

  --stage      whose roles these are, as staging
  --reader     object id of the identity that reads
  --writer     object id of the identity that changes; none in staging
  --former-reader, --former-writer
               object ids of identities that are to have no rights any more, with --management-group and --subscriptions
  --what-if    show what would change, and change nothing`;

const wrong = (message: string, remedy = 'See --help.') => new InvalidInput({ code: 'bad-usage', message, remedy });

/** What is asked for on the command line. Throws `InvalidInput`. */
function given() {
  try {
    return parseArgs({ options }).values;
  } catch (thrown) {
    throw wrong(messageOf(thrown).split('. ')[0] ?? '');
  }
}

/** The object id of an identity. Throws `InvalidInput`. */
function objectId(name: string, text: string): string {
  if (z.uuid().safeParse(text).success) return text;
  throw wrong(
    `--${name} ${text} is no object id`,
    'Give the object (principal) id of the identity, as app.bicep puts it out.',
  );
}

type Holder = { readonly holder: 'reader' | 'writer'; readonly principalId: string; readonly stage: string };

/** What has to change so that an identity has what the playbooks need of Graph and Entra; nothing at all where it is a former one. */
async function changesOf({ holder, principalId, stage }: Holder, former: boolean): Promise<readonly GraphChange[]> {
  const wanted = (all: readonly { readonly holder: string; readonly permission: string }[]) =>
    all.flatMap((one) => (one.holder === holder && !former ? [one.permission] : []));
  const name = `Cordon ${holder === 'reader' ? 'Reader' : 'Writer'} (${stage})`;
  const role = { name, permissions: wanted(rights.entra), principalId };
  return [
    ...(await graphChanges(azRest, principalId, wanted(rights.graph))),
    ...(await directoryChanges(azRest, role)),
  ];
}

/** Where an identity could have roles of Azure. */
const scopesOf = (values: ReturnType<typeof given>): readonly string[] => {
  const above = values['management-group'];
  const subscriptions = values.subscriptions.split(/\s+/).filter((id) => id !== '');
  return [
    ...(above ? [`/providers/Microsoft.Management/managementGroups/${above}`] : []),
    ...subscriptions.map((id) => `/subscriptions/${id}`),
  ];
};

async function carryOut(changes: readonly GraphChange[], onlyShown: boolean): Promise<void> {
  for (const { line, apply } of changes) {
    console.log(`  ${line}`);
    if (!onlyShown) await apply();
  }
}

async function main(): Promise<void> {
  const values = given();
  if (values.help) return console.log(usage);
  const { stage } = values;
  if (stage === '') throw wrong('--stage is missing: it says whose roles these are');
  for (const holder of ['reader', 'writer'] as const) {
    const [present, former] = [values[holder], values[`former-${holder}`]];
    if (!present && !former) continue;
    const principalId = objectId(present ? holder : `former-${holder}`, present || former);
    const changes = [
      ...(present ? [] : await assignmentsTaken(azRest, { principalId, scopes: scopesOf(values) })),
      ...(await changesOf({ holder, principalId, stage }, !present)),
    ];
    const none = present ? 'has what it needs' : 'has no rights any more';
    console.log(`${holder} ${principalId}: ${changes.length === 0 ? none : ''}`);
    await carryOut(changes, values['what-if']);
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    console.error(`error ${thrown.describe()}`);
    process.exitCode = thrown instanceof InvalidInput ? 2 : 1;
  }
}
