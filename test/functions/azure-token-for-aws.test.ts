import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CallGraph } from '../../functions/azure/deploy/graph-change.ts';
import { tokenForAws } from '../../functions/azure/deploy/token-for-aws.ts';

const audience = 'api://0a1b2c3d-0000-4000-8000-0000000000ff/cordon-aws';
const identity = '0a1b2c3d-0000-4000-8000-0000000000a6';
const asked = { audience, principalId: identity };

const Application = z.looseObject({
  identifierUris: z.array(z.string()),
  api: z.object({ requestedAccessTokenVersion: z.number() }),
  appRoles: z.array(z.looseObject({ id: z.uuid() })),
});
const Entry = z.object({ appId: z.uuid(), appRoleAssignmentRequired: z.boolean() });
const Assignment = z.object({ principalId: z.uuid(), resourceId: z.uuid(), appRoleId: z.uuid() });

/** Entra as far as it is asked here, over the paths of Microsoft Graph. */
function entra() {
  const applications: (z.infer<typeof Application> & { appId: string })[] = [];
  const entries: (z.infer<typeof Entry> & { id: string })[] = [];
  const assigned: z.infer<typeof Assignment>[] = [];
  const id = (kind: string, number: number) =>
    `0a1b2c3d-0000-4000-8000-0000000${kind}${String(number).padStart(3, '0')}`;
  const posts: Readonly<Record<string, (body: unknown) => object>> = {
    '/v1.0/applications': (body) => {
      const one = { ...Application.parse(body), appId: id('0c', applications.length) };
      applications.push(one);
      return one;
    },
    '/v1.0/servicePrincipals': (body) => {
      const one = { ...Entry.parse(body), id: id('0d', entries.length) };
      entries.push(one);
      return one;
    },
    [`/v1.0/servicePrincipals/${identity}/appRoleAssignments`]: (body) => {
      const one = Assignment.parse(body);
      assigned.push(one);
      return one;
    },
  };
  const lists: Readonly<Record<string, (filter: string) => readonly object[]>> = {
    '/v1.0/applications': (filter) =>
      applications.filter(({ identifierUris }) => filter.includes(`'${identifierUris[0]}'`)),
    '/v1.0/servicePrincipals': (filter) => entries.filter(({ appId }) => filter === `appId eq '${appId}'`),
    [`/v1.0/servicePrincipals/${identity}/appRoleAssignments`]: () => assigned,
  };
  const call: CallGraph = async (method, url, body) => {
    const { pathname, searchParams } = new URL(url);
    if (method === 'get') return { value: lists[pathname]?.(searchParams.get('$filter') ?? '') };
    if (method === 'post') return posts[pathname]?.(body);
    const entry = entries.find((one) => pathname === `/v1.0/servicePrincipals/${one.id}`);
    return Object.assign(entry ?? {}, body);
  };
  return { call, applications, entries, assigned };
}

async function made(given = entra()) {
  for (const { apply } of await tokenForAws(given.call, asked)) await apply();
  return given;
}

describe('a token of Entra for AWS', () => {
  it('is of an application whose tokens have the issuer that AWS is told of, for those alone who are assigned', async () => {
    const { applications, entries, assigned, call } = await made();
    const [application] = applications;
    expect(application).toMatchObject({
      ...{ identifierUris: [audience], signInAudience: 'AzureADMyOrg' },
      api: { requestedAccessTokenVersion: 1 },
      appRoles: [{ allowedMemberTypes: ['Application'], isEnabled: true }],
    });
    expect(entries).toMatchObject([{ appId: application?.appId, appRoleAssignmentRequired: true }]);
    expect(assigned).toEqual([
      { principalId: identity, resourceId: entries[0]?.id, appRoleId: application?.appRoles[0]?.id },
    ]);
    expect(await tokenForAws(call, asked)).toEqual([]);
  });

  it('is promised, and nothing made, by being looked at', async () => {
    const { call, applications, entries, assigned } = entra();
    const lines = (await tokenForAws(call, asked)).map(({ line }) => line);
    expect(lines).toEqual([
      `+ application ${audience}`,
      '+ its entry in this tenant, for those alone who are assigned',
      `+ ${identity} is assigned`,
    ]);
    expect([applications, entries, assigned]).toEqual([[], [], []]);
  });

  it('is for another identity beside the first one by an assignment alone, and asks for one again', async () => {
    const given = await made();
    given.assigned.length = 0;
    Object.assign(given.entries[0] ?? {}, { appRoleAssignmentRequired: false });
    expect((await tokenForAws(given.call, asked)).map(({ line }) => line)).toEqual([
      '~ its entry: for those alone who are assigned',
      `+ ${identity} is assigned`,
    ]);
    await made(given);
    expect([given.applications.length, given.entries, given.assigned.length]).toMatchObject([
      1,
      [{ appRoleAssignmentRequired: true }],
      1,
    ]);
  });

  it.each([
    ['tokens of version 2', { api: { requestedAccessTokenVersion: 2 } }, /tokens of version 2/],
    ['no such role: it is somebody else’s', { appRoles: [] }, /another application/],
  ])('is not made of an application with %s', async (_, changed, problem) => {
    const { call, applications } = await made();
    Object.assign(applications[0] ?? {}, changed);
    await expect(tokenForAws(call, asked)).rejects.toThrow(problem);
  });
});
