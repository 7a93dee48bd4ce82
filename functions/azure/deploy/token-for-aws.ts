import { parseArgs } from 'node:util';
import * as z from 'zod';
import { azRest } from './az-rest.ts';
import type { CallGraph, GraphChange } from './graph-change.ts';

const graphUrl = 'https://graph.microsoft.com/v1.0';
/** The one role of the application; an id has to be its own within the application alone. */
const entering = { id: '6f0f6f52-7c1e-4b0a-9a55-3d2f1c9be0a7', value: 'enter' } as const;

const Application = z.object({
  appId: z.uuid(),
  api: z.object({ requestedAccessTokenVersion: z.number().nullish() }).nullish(),
  appRoles: z.array(z.object({ id: z.uuid() })),
});
const Applications = z.object({ value: z.array(Application).max(1) });
const Entry = z.object({ id: z.uuid(), appRoleAssignmentRequired: z.boolean() });
const Entries = z.object({ value: z.array(Entry).max(1) });
const Assigned = z.object({ value: z.array(z.object({ appRoleId: z.uuid(), resourceId: z.uuid() })) });

/** Throws where an application of that name gives out tokens that AWS would not take. */
function checked(application: z.infer<typeof Application> | undefined, audience: string): string | undefined {
  if (application?.api?.requestedAccessTokenVersion === 2)
    throw new TypeError(`${audience} gives tokens of version 2, whose issuer the provider in AWS is not made for`);
  if (application && !application.appRoles.some(({ id }) => id === entering.id))
    throw new TypeError(`${audience} is the name of another application: choose another, under api://<tenant>/`);
  return application?.appId;
}

/** As its manifest has it: tokens of version 1, whose issuer is sts.windows.net/<tenant>/ as in from-azure.yml. */
const applicationFor = (audience: string) => ({
  displayName: 'Cordon in AWS',
  signInAudience: 'AzureADMyOrg',
  identifierUris: [audience],
  api: { requestedAccessTokenVersion: 1 },
  appRoles: [
    {
      ...{ ...entering, isEnabled: true, allowedMemberTypes: ['Application'], displayName: 'Enter AWS' },
      description: 'Gets a token that a role of AWS trusts',
    },
  ],
});

/**
 * What has to change so that Entra gives an identity, and nobody who is not assigned, a token for AWS: an application
 * with the audience as its id URI, its entry in the tenant, which asks for an assignment, and the assignment
 * (learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions says which URIs are taken).
 */
export async function tokenForAws(
  call: CallGraph,
  { audience, principalId }: { readonly audience: string; readonly principalId: string },
): Promise<readonly GraphChange[]> {
  const named = await call('get', `${graphUrl}/applications?$filter=identifierUris/any(one:one eq '${audience}')`);
  let appId = checked(Applications.parse(named).value[0], audience);
  const entries = appId
    ? await call('get', `${graphUrl}/servicePrincipals?$filter=appId eq '${appId}'`)
    : { value: [] };
  const [entry] = Entries.parse(entries).value;
  let resourceId = entry?.id;
  const ofIdentity = `${graphUrl}/servicePrincipals/${principalId}/appRoleAssignments`;
  const assigned = Assigned.parse(await call('get', ofIdentity)).value;
  const changes: GraphChange[] = [];
  if (!appId)
    changes.push({
      line: `+ application ${audience}`,
      async apply() {
        ({ appId } = Application.parse(await call('post', `${graphUrl}/applications`, applicationFor(audience))));
      },
    });
  if (!entry)
    changes.push({
      line: '+ its entry in this tenant, for those alone who are assigned',
      async apply() {
        const made = await call('post', `${graphUrl}/servicePrincipals`, { appId, appRoleAssignmentRequired: true });
        resourceId = Entry.parse(made).id;
      },
    });
  else if (!entry.appRoleAssignmentRequired)
    changes.push({
      line: '~ its entry: for those alone who are assigned',
      apply: () => call('patch', `${graphUrl}/servicePrincipals/${entry.id}`, { appRoleAssignmentRequired: true }),
    });
  if (!assigned.some((one) => one.resourceId === entry?.id && one.appRoleId === entering.id))
    changes.push({
      line: `+ ${principalId} is assigned`,
      apply: () => call('post', ofIdentity, { principalId, resourceId, appRoleId: entering.id }),
    });
  return changes;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      aws: { type: 'string' },
      identity: { type: 'string' },
      'what-if': { type: 'boolean', default: false },
    },
  });
  const { audience } = z.object({ audience: z.string().min(1) }).parse(JSON.parse(values.aws ?? '{}'));
  const principalId = z.uuid().parse(values.identity);
  const changes = await tokenForAws(azRest, { audience, principalId });
  console.log(`${principalId}: ${changes.length === 0 ? `gets its tokens for ${audience}` : ''}`);
  for (const { line, apply } of changes) {
    console.log(`  ${line}`);
    if (!values['what-if']) await apply();
  }
}
