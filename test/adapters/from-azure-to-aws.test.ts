import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { awsClouds } from '../../shared/adapters/aws/clouds.ts';
import { credentialsByToken } from '../../shared/adapters/aws/web-identity.ts';
import { type RoleRow, roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { oidcProviders } from '../../shared/sandbox/aws/sts-web-identity.ts';
import { company, production, readerPrincipal as objectId, security, tenant } from '../support/company.ts';
import { identityEndpoint } from '../support/identity-endpoint.ts';
import { tokenIssuer } from '../support/signed-tokens.ts';

const audience = 'api://cordon-in-aws';
const role = `arn:aws:iam::${security}:role/cordon-home-from-azure`;

/** The two names that Entra gives itself in tokens: of version 1.0, as managed identities get them, and of version 2.0. */
const forms = {
  'sts.windows.net': { issuer: `https://sts.windows.net/${tenant}/`, host: `sts.windows.net/${tenant}/` },
  'login.microsoftonline.com': {
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    host: `login.microsoftonline.com/${tenant}/v2.0`,
  },
} as const;
type Form = keyof typeof forms;

const issuer = tokenIssuer();
const stranger = tokenIssuer();

const endpoint = await identityEndpoint();
/** The SDK keeps tokens of managed identities for as long as the process lives, by client id: each test is another one. */
const apps = { count: 0 };

beforeAll(() => {
  for (const [name, value] of Object.entries(endpoint.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.close();
});

const trust = (provider: string, host: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: provider },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: objectId } },
      },
    ],
  });

type Claims = Readonly<Record<string, unknown>>;

/** Cordon's home role, which trusts one identity of a tenant, and the managed identity of the app on a loopback port. */
async function between(form: Form = 'sts.windows.net', claims: Claims = {}, by = issuer, header: object = {}) {
  const { sandbox, settings } = company();
  const { rows, clock, requestHandler } = sandbox;
  const { issuer: iss, host } = forms[form];
  const provider = `arn:aws:iam::${security}:oidc-provider/${host}`;
  rows.put(oidcProviders, provider, { clientIds: [audience], jwks: issuer.jwks });
  const inline = {
    reach: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
          Resource: 'arn:aws:iam::*:role/Cordon*',
        },
      ],
    }),
  };
  const named = {
    account: security,
    name: 'cordon-home-from-azure',
    path: '/',
    roleId: 'AROACORDONFROMAZURE1',
    arn: role,
  };
  const row: RoleRow = { ...named, trust: trust(provider, host), tags: {}, attached: [], inline };
  rows.put(roles, `${security}/cordon-home-from-azure`, row);
  apps.count += 1;
  const clientId = `0a1b2c3d-0000-4000-8000-00000001${String(apps.count).padStart(4, '0')}`;
  const now = Math.floor(clock.milliseconds / 1_000);
  const said = { iss, aud: audience, sub: objectId, iat: now, nbf: now, exp: now + 3_600, oid: objectId, tid: tenant };
  endpoint.tokens.set(clientId, by.signed({ ...said, ...claims }, header));
  const identity = new ManagedIdentityCredential({ clientId });
  const token = async () => (await identity.getToken(`${audience}/.default`)).token;
  const credentials = () =>
    credentialsByToken({ region: 'eu-west-1', requestHandler, role, session: 'cordon-home', token });
  return { sandbox, settings, clientId, credentials };
}

/** Lets the home role of Azure into a member's reader, and says whether it may bring a source identity. */
function admit({ rows }: Awaited<ReturnType<typeof between>>['sandbox'], actions: readonly string[]): void {
  const reader = rows.get(roles, `${production}/CordonReader`);
  if (!reader) throw new Error('the estate has no such role');
  const document = JSON.parse(reader.trust) as { Statement: object[] }; // the estate's own
  const Statement = document.Statement.map((statement) => ({
    ...statement,
    Principal: { AWS: role },
    Action: actions,
  }));
  rows.put(roles, `${production}/CordonReader`, { ...reader, trust: JSON.stringify({ ...document, Statement }) });
}

const place = { cloud: 'aws', account: production, region: 'eu-west-1', rights: 'reader' } as const;
const asked = () => ({ ...place, runId: 'r'.repeat(26), signal: AbortSignal.timeout(10_000) });

describe('from Azure into AWS without a secret', () => {
  it.each<Form>(['sts.windows.net', 'login.microsoftonline.com'])(
    'the managed identity is let into the home role by its token of %s, and from there into a member',
    async (form) => {
      const { sandbox, settings, clientId, credentials } = await between(form);
      admit(sandbox, ['sts:AssumeRole', 'sts:SetSourceIdentity']);
      const { clock, requestHandler } = sandbox;
      const connection = { settings, clock, homeRegion: 'eu-west-1', requestHandler, credentials };
      const clouds = awsClouds({ ...connection, sourceIdentity: 'cordon' });
      await clouds.session(asked());
      expect(endpoint.asked).toContain(`${clientId} ${audience}`);
      expect(sandbox.recorder.calls.map(({ operation, caller, error }) => [operation, caller, error])).toEqual([
        ['sts:AssumeRoleWithWebIdentity', '*', ''],
        ['sts:AssumeRole', `arn:aws:sts::${security}:assumed-role/cordon-home-from-azure/cordon-home`, ''],
      ]);
    },
  );

  it('brings no source identity where the member’s trust does not allow one, and none where none is set', async () => {
    const { sandbox, settings, credentials } = await between();
    admit(sandbox, ['sts:AssumeRole']);
    const { clock, requestHandler } = sandbox;
    const connection = { settings, clock, homeRegion: 'eu-west-1', requestHandler, credentials };
    await expect(awsClouds({ ...connection, sourceIdentity: 'cordon' }).session(asked())).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    await expect(awsClouds(connection).session(asked())).resolves.toMatchObject({ cloud: 'aws' });
  });

  it.each<[string, Claims, RegExp]>([
    [
      'another tenant’s issuer',
      { iss: 'https://sts.windows.net/0a1b2c3d-0000-4000-8000-0000000000ee/' },
      /No OpenIDConnect provider/,
    ],
    ['the issuer without its slash', { iss: `https://sts.windows.net/${tenant}` }, /No OpenIDConnect provider/],
    [
      'the issuer of the other version',
      { iss: forms['login.microsoftonline.com'].issuer },
      /No OpenIDConnect provider/,
    ],
    ['an issuer without https', { iss: `http://sts.windows.net/${tenant}/` }, /not a valid JWT/],
    ['another audience', { aud: 'https://management.azure.com' }, /Incorrect token audience/],
    ['another identity of the same tenant', { sub: '0a1b2c3d-0000-4000-8000-00000000c0df' }, /Not authorized/],
    ['the identity in capitals', { sub: objectId.toUpperCase() }, /Not authorized/],
    ['no subject', { sub: undefined }, /Couldn't verify/],
    ['no end', { exp: undefined }, /Couldn't verify/],
    ['an end that has passed', { exp: 1_700_000_000 }, /Token expired/],
    ['a beginning that has not come', { nbf: 4_100_000_000 }, /Couldn't verify/],
  ])('a token with %s is refused', async (_, claims, said) => {
    const { credentials, sandbox } = await between('sts.windows.net', claims);
    await expect(credentials()).rejects.toMatchObject({
      code: 'no-credentials',
      message: expect.stringMatching(said),
      remedy: expect.stringMatching(/issuer, audience, and the object id/),
      retryable: false,
    });
    expect(sandbox.recorder.calls.map(({ operation, status }) => `${operation} ${status >= 400}`)).toEqual([
      'sts:AssumeRoleWithWebIdentity true',
    ]);
  });

  it('a token that somebody else has signed, or of another algorithm, is refused', async () => {
    for (const { credentials } of [
      await between('sts.windows.net', {}, stranger),
      await between('sts.windows.net', {}, issuer, { alg: 'RS384' }),
      await between('sts.windows.net', {}, issuer, { alg: 'none' }),
    ])
      await expect(credentials()).rejects.toMatchObject({
        message: expect.stringMatching(/Couldn't verify|not a valid/),
      });
  });
});
