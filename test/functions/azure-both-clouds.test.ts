import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { webIdentityToken, credentialsByToken } from '../../shared/adapters/aws/web-identity.ts';
import { assertedIdentity, assertionAudience } from '../../shared/adapters/azure/assertion-identity.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { roles, sessions } from '../../shared/sandbox/aws/iam-rows.ts';
import { enableOutboundFederation } from '../../shared/sandbox/aws/sts-outbound.ts';
import { oidcProviders } from '../../shared/sandbox/aws/sts-web-identity.ts';
import { holding } from '../support/attacker.ts';
import { appWith, memberAt, ofType } from '../support/azure-app.ts';
import type { Deployment } from '../support/bicep-deploy.ts';
import { readTagged, stackOf } from '../support/cloud-formation.ts';
import { company, production as account, readerPrincipal, tenant } from '../support/company.ts';
import { deployed } from '../support/deployment.ts';
import { entraEndpoint } from '../support/entra-endpoint.ts';
import { tokenIssuer } from '../support/signed-tokens.ts';

const issuer = 'https://a1d2b0fd-1177-4468-9351-2fe0a0a0a723.tokens.sts.global.api.aws';
const fromAws = { issuer, roles: `arn:aws:iam::${account}:role/cordon-production` };
const forwardTo = `event-bus:arn:aws:events:eu-west-1:${account}:event-bus/cordon-production-azure`;

/** The federated credentials of each identity, by its name. */
function trustedBy(app: Deployment) {
  const all = ofType(app, 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials');
  const of = (identity: string) =>
    all
      .filter(({ above }) => above === `cordon-production-${identity}`)
      .map(({ body }) => ({
        issuer: String(memberAt(body, 'properties', 'issuer')),
        subject: String(memberAt(body, 'properties', 'subject')),
        audiences: memberAt(body, 'properties', 'audiences'),
      }));
  return { count: all.length, reader: of('reader'), writer: of('writer'), publisher: of('publisher') };
}

/** The roles of the functions in serverless.yml whose policies speak of `what`. */
const rolesThat = (what: RegExp, conditions: Readonly<Record<string, boolean>> = {}): readonly string[] =>
  ['EventRole', 'RunRole', 'ScheduleRole', 'RequestRole'].flatMap((id) => {
    const { RoleName, Policies } = deployed(id, {}, conditions);
    const name = String(RoleName).replace('${self:service}', 'cordon').replace('${sls:stage}', 'production');
    return what.test(JSON.stringify(Policies)) ? [`arn:aws:iam::${account}:role/${name}`] : [];
  });
const asks = /sts:GetWebIdentityToken/;
const atHome = rolesThat(asks);
const subjects = (credentials: readonly { readonly subject: string }[]) =>
  credentials.map(({ subject }) => subject).toSorted();

describe('from AWS into Azure', () => {
  it('where the home is in AWS, its functions that may ask for a token are the reader, and those that act the writer', () => {
    const { reader, writer, count } = trustedBy(appWith({ forwardTo, fromAws }));
    const acting = rolesThat(/"PolicyName":"reach-members"/);
    expect([atHome.length, acting.length]).toEqual([3, 2]);
    expect(subjects(reader)).toEqual(atHome.toSorted());
    expect(subjects(writer)).toEqual(acting.toSorted());
    expect(count).toBe(5);
  });

  it('where it is in AWS and publishes outcomes here, an identity more is that of the functions that publish', () => {
    const app = appWith({ forwardTo, fromAws, outcomes: true });
    const publishing = rolesThat(/"PolicyName":"publish-outcomes"/);
    expect(subjects(trustedBy(app).publisher)).toEqual(publishing.toSorted());
    expect(publishing.every((role) => atHome.includes(role))).toBe(true);
  });

  it('where the home is here, nobody from AWS reads or changes anything: the function that hands events on publishes', () => {
    const { reader, writer, publisher } = trustedBy(appWith({ fromAws }));
    const handing = rolesThat(asks, { HandsOn: true }).filter((role) => !atHome.includes(role));
    expect(handing).toHaveLength(1);
    expect([reader, writer, subjects(publisher)]).toEqual([[], [], handing]);
  });

  it('is nobody from AWS where it is not asked for, and no writer in staging', () => {
    expect(trustedBy(appWith()).count).toBe(0);
    expect(trustedBy(appWith({ forwardTo })).count).toBe(0);
    const staging = appWith({ stage: 'staging', forwardTo, fromAws });
    expect(staging.outputs['azureWriterClientId']).toBe('');
    expect(JSON.stringify(staging.resources)).not.toMatch(/writer/i);
  });

  it('is told in the names under which serverless.yml takes it', () => {
    const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
    const names = [...text.matchAll(/^ {4}(azure\w+): ""$/gm)].map(([, name = '']) => name);
    const { outputs } = appWith({ forwardTo, fromAws, outcomes: true });
    const given = Object.keys(outputs).filter((name) => name.startsWith('azure'));
    expect(given.toSorted()).toEqual(names.toSorted());
    for (const name of given) expect([name, outputs[name]]).not.toEqual([name, '']);
    expect(outputs['azureHomeClientId']).toBe('<publisher.properties.clientId>');
    expect(appWith({ fromAws }).outputs).toMatchObject({ azureReaderClientId: '', azureWriterClientId: '' });
  });

  it('Entra takes the token that STS gives a function, by the credential as it is deployed', async () => {
    const { sandbox } = company();
    const { rows, clock } = sandbox;
    const published = await enableOutboundFederation(rows, account);
    const [credential] = trustedBy(appWith({ forwardTo, fromAws: { ...fromAws, issuer: published.issuer } })).reader;
    const { subject = '', audiences = null } = credential ?? {};
    expect(audiences).toEqual([assertionAudience]);
    const name = subject.split('/').at(-1) ?? '';
    const { Policies } = deployed('RunRole');
    const [row, session] = [rows.get(roles, `${account}/web-server`), rows.get(sessions, 'ASIAWEBSERVER0000001')];
    if (!row || !session) throw new Error('the estate has no such role');
    const documents = Array.isArray(Policies)
      ? Policies.map(({ PolicyDocument }) => JSON.stringify(PolicyDocument))
      : [];
    const inline = { ask: documents.find((document) => asks.test(document)) ?? '' };
    rows.put(roles, `${account}/${name}`, { ...row, name, arn: subject, inline });
    rows.put(sessions, session.accessKeyId, { ...session, roleName: name });
    const clientId = '0a1b2c3d-0000-4000-8000-00000000aaab';
    const entra = await entraEndpoint({
      ...{ tenant, clientId, jwks: published.jwks, now: () => new Date(clock.milliseconds) },
      trusts: { issuer: credential?.issuer ?? '', subject, audience: [audiences].flat().map(String).join() },
      issue: async (scope) => (await sandbox.credential(readerPrincipal).getToken(scope)).token,
    });
    const { credentials, requestHandler } = holding(sandbox, session.accessKeyId);
    const sts = { region: 'eu-west-1', credentials: async () => credentials, requestHandler };
    const assertion = () => webIdentityToken(assertionAudience, sts);
    const identity = assertedIdentity({ tenant, clientId, assertion, httpClient: entra.httpClient });
    await expect(identity.getToken('https://management.azure.com/.default')).resolves.toMatchObject({
      token: expect.any(String),
    });
  });
});

describe('from Azure into AWS', () => {
  const audience = `api://${tenant}/cordon-aws`;
  const identity = '0a1b2c3d-0000-4000-8000-00000000c0de';
  const text = readFileSync(new URL('../../functions/aws/deploy/from-azure.yml', import.meta.url), 'utf8');
  const stack = (more: Readonly<Record<string, string>>) =>
    stackOf(readTagged(text), {
      account,
      parameters: { Tenant: tenant, Audience: audience, HomeIdentity: identity, ...more },
    });

  /** STS, with the provider and the role as the stack makes them, asked with a token of Entra. */
  async function entered(claims: JsonObject) {
    const { sandbox } = company();
    const { rows, clock, requestHandler } = sandbox;
    const { Url, ClientIdList } = stack({})['Entra']?.Properties ?? {};
    const arn = `arn:aws:iam::${account}:oidc-provider/${String(Url).replace('https://', '')}`;
    const entra = tokenIssuer();
    rows.put(oidcProviders, arn, { clientIds: [ClientIdList].flat().map(String), jwks: entra.jwks });
    const made = stack({ Provider: arn })['Home'];
    const { RoleName: name, AssumeRolePolicyDocument: trust } = made?.Properties ?? {};
    const row = rows.get(roles, `${account}/web-server`);
    if (!row) throw new Error('the estate has no such role');
    const role = made?.arn ?? '';
    rows.put(roles, `${account}/${name}`, { ...row, name: String(name), arn: role, trust: String(trust) });
    const now = Math.floor(clock.milliseconds / 1_000);
    const said = { iss: Url, aud: audience, sub: identity, iat: now, nbf: now, exp: now + 3_600, ...claims };
    const token = async () => entra.signed(said);
    return credentialsByToken({ region: 'eu-west-1', requestHandler, role, session: 'cordon-home', token });
  }

  it('the role is for the home identity with a token for Cordon alone', async () => {
    await expect(entered({})).resolves.toMatchObject({ sessionToken: expect.any(String) });
    await expect(entered({ sub: '0a1b2c3d-0000-4000-8000-00000000dead' })).rejects.toThrow(/Not authorized/);
    await expect(entered({ aud: 'https://management.azure.com' })).rejects.toThrow(/audience/);
    await expect(entered({ iss: `https://login.microsoftonline.com/${tenant}/v2.0` })).rejects.toThrow(/provider/i);
  });

  it('is told on the page of deployment with parameters that the templates and deploy.sh take', () => {
    const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    const [, part = ''] = /## \d+\. Both clouds\n(.*?)\n## /s.exec(read('functions/deploy.md')) ?? [];
    const shell = read('functions/azure/deploy/deploy.sh');
    const asked = [...part.matchAll(/\b(CORDON_\w+)=/g)].map(([, name = '']) => name);
    expect(new Set(asked)).toEqual(new Set(['CORDON_FROM_AWS', 'CORDON_FORWARD_TO', 'CORDON_AWS']));
    for (const name of asked) expect(shell).toContain(`\${${name}:-`);
    const params = [...part.matchAll(/--param=(\w+)=/g)].map(([, name = '']) => name);
    expect(params.length).toBeGreaterThan(4);
    for (const name of new Set(params)) expect(read('serverless.yml')).toContain(`\n    ${name}: ""\n`);
    const overrides = [...part.matchAll(/(?<![-\w])([A-Z][a-zA-Z]+)=/g)].map(([, name = '']) => name);
    const taken = Object.keys(Object(Object(readTagged(text))['Parameters']));
    expect(overrides.length).toBeGreaterThan(4);
    expect(overrides.filter((name) => !taken.includes(name))).toEqual([]);
    const arns = [...part.matchAll(/role\/(cordon-production-[\w-]+)/g)].map(([, name = '']) => name);
    const names = ['Forwarding', 'Home'].map((id) =>
      String(stack({ Provider: 'x', ForwardingIdentity: identity })[id]?.Properties['RoleName']),
    );
    expect(arns).toEqual(names);
  });

  it('is told which identity that is', () => {
    expect(
      appWith({ aws: { role: 'arn:x', audience, region: 'eu-west-1', sourceIdentity: 'cordon' } }).outputs,
    ).toMatchObject({
      homePrincipalId: '<home.properties.principalId>',
    });
  });
});
