import { describe, expect, it } from 'vitest';
import { webIdentityToken } from '../../shared/adapters/aws/web-identity.ts';
import { assertedIdentity, assertionAudience } from '../../shared/adapters/azure/assertion-identity.ts';
import { azureClouds } from '../../shared/adapters/azure/clouds.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { enableOutboundFederation } from '../../shared/sandbox/aws/sts-outbound.ts';
import { holding } from '../support/attacker.ts';
import { company, production, readerPrincipal, security, subscription, tenant } from '../support/company.ts';
import { entraEndpoint, type FederatedCredential } from '../support/entra-endpoint.ts';
import { findingIn, primaryOf, readEvent } from '../support/events.ts';
import { tokenIssuer } from '../support/signed-tokens.ts';

const clientId = '0a1b2c3d-0000-4000-8000-00000000aaaa';
const home = `arn:aws:iam::${production}:role/web-server`;
const key = 'ASIAWEBSERVER0000001';
const mayAsk = (audience: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Action: 'sts:GetWebIdentityToken', Resource: '*' },
        Condition: { 'ForAnyValue:StringEquals': { 'sts:IdentityTokenAudience': audience } },
      },
    ],
  });

/** Cordon's function in AWS, and an application in Entra that trusts its role; `wrong` changes what that trusts. */
async function between({ wrong = {}, jwks }: { wrong?: Partial<FederatedCredential>; jwks?: object } = {}) {
  const one = company();
  const { sandbox } = one;
  const published = await enableOutboundFederation(sandbox.rows, production);
  const row = sandbox.rows.get(roles, `${production}/web-server`);
  if (!row) throw new Error('the estate has no such role');
  sandbox.rows.put(roles, `${production}/web-server`, { ...row, inline: { ask: mayAsk(assertionAudience) } });
  const trusts = { issuer: published.issuer, subject: home, audience: assertionAudience, ...wrong };
  const entra = await entraEndpoint({
    ...{ tenant, clientId, trusts },
    jwks: jwks ?? published.jwks,
    now: () => new Date(sandbox.clock.milliseconds),
    issue: async (scope) => (await sandbox.credential(readerPrincipal).getToken(scope)).token,
  });
  const { credentials, requestHandler } = holding(sandbox, key);
  const sts = { region: 'eu-west-1', credentials: async () => credentials, requestHandler };
  const assertion = () => webIdentityToken(assertionAudience, sts);
  const signIn = (ask: () => Promise<string> = assertion) =>
    assertedIdentity({ tenant, clientId, assertion: ask, httpClient: entra.httpClient });
  return { ...one, entra, sts, assertion, signIn };
}

const scope = 'https://management.azure.com/.default';

describe('from AWS into Azure without a secret', () => {
  it('STS names the role, Entra believes it, and Resource Manager answers', async () => {
    const { signIn, settings, sandbox, entra } = await between();
    const { httpClient } = sandbox;
    const clouds = azureClouds({ settings, credentials: { reader: signIn() }, httpClient });
    const place = { cloud: 'azure', account: subscription, region: '', rights: 'reader' } as const;
    const session = await clouds.session({ ...place, runId: 'r', signal: AbortSignal.timeout(10_000) });
    const target = primaryOf(findingIn(readEvent('defender/vm-brute-force-export')));
    expect(await clouds.inspect(session, target)).toBeDefined();
    expect(entra.answered.filter(({ path }) => path.endsWith('/token'))).toEqual([
      { path: `/${tenant}/oauth2/v2.0/token`, status: 200 },
    ]);
  });

  it.each<[string, Partial<FederatedCredential>, RegExp]>([
    [
      'another issuer',
      { issuer: 'https://11111111-0000-4000-8000-000000000000.tokens.sts.global.api.aws' },
      /AADSTS700211/,
    ],
    [
      'the issuer with a slash behind it',
      { issuer: `https://00000000-0000-4000-8000-${production}.tokens.sts.global.api.aws/` },
      /AADSTS700211/,
    ],
    ['another audience', { audience: 'api://somebody-else' }, /AADSTS700212/],
    ['another role', { subject: `arn:aws:iam::${production}:role/CordonReader` }, /AADSTS700213/],
    ['the role in other letters', { subject: home.toUpperCase() }, /AADSTS700213/],
    ['the same role of another account', { subject: home.replace(production, security) }, /AADSTS700213/],
    [
      'the session instead of the role',
      { subject: `arn:aws:sts::${production}:assumed-role/web-server/i-1` },
      /AADSTS700213/,
    ],
  ])('is refused where Entra trusts %s', async (_, wrong, code) => {
    const { signIn } = await between({ wrong });
    await expect(signIn().getToken(scope)).rejects.toMatchObject({
      code: 'no-azure-identity',
      message: expect.stringMatching(code),
      remedy: expect.stringMatching(/issuer, subject and audience/),
      retryable: false,
    });
  });

  it('is refused where the published keys are not those that signed', async () => {
    const { signIn } = await between({ jwks: tokenIssuer(`key-of-${production}`).jwks });
    await expect(signIn().getToken(scope)).rejects.toMatchObject({ message: expect.stringMatching(/AADSTS50027/) });
  });

  it('is refused with a token that has expired, and with one of another algorithm', async () => {
    const { signIn, assertion, sandbox } = await between();
    const old = await assertion();
    sandbox.clock.advance(301);
    await expect(signIn(async () => old).getToken(scope)).rejects.toMatchObject({
      message: expect.stringMatching(/AADSTS700024/),
    });
    const [, claims] = (await assertion()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    await expect(signIn(async () => none).getToken(scope)).rejects.toMatchObject({
      message: expect.stringMatching(/AADSTS50027/),
    });
  });

  it('is refused by STS for another audience, and where the account has not enabled it', async () => {
    const { sts, sandbox } = await between();
    await expect(webIdentityToken('api://somebody-else', sts)).rejects.toMatchObject({
      code: 'no-credentials',
      message: expect.stringMatching(/not authorized to perform: sts:GetWebIdentityToken/),
      remedy: expect.stringMatching(/Enable outbound web identity federation/),
    });
    const elsewhere = company().sandbox;
    const row = sandbox.rows.get(roles, `${production}/web-server`);
    if (row) elsewhere.rows.put(roles, `${production}/web-server`, row);
    const { credentials, requestHandler } = holding(elsewhere, key);
    const asked = webIdentityToken(assertionAudience, { ...sts, credentials: async () => credentials, requestHandler });
    await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(/FederationDisabled/) });
  });
});
