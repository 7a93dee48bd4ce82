import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { environmentProblems, linesToAdd } from '../../functions/azure/deploy/check-settings.ts';
import rights from '../../functions/azure/deploy/rights.generated.json' with { type: 'json' };
import { Settings } from '../../shared/config/settings.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { readYaml } from '../../shared/playbook/yaml.ts';
import { type Answer, azureCli, type Ran } from '../support/azure-cli.ts';
import { deployBicep } from '../support/bicep-deploy.ts';
import { functionsHost } from '../support/functions-host.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(`functions/azure/deploy/${name}`, root), 'utf8');
const script = 'functions/azure/deploy/deploy.sh';

const id = (last: string): string => `0a1b2c3d-0000-4000-8000-0000000000${last}`;
const [reader, writer, homeIdentity, graph] = [id('a1'), id('a2'), id('a3'), id('a4')];
const [first, second] = [id('01'), id('02')];
const environment = {
  ...{ CORDON_STAGE: 'production', CORDON_ENFORCE: 'true', CORDON_LOCATION: 'westeurope' },
  ...{ CORDON_GROUP: 'rg-cordon', CORDON_MANAGEMENT_GROUP: 'mg', CORDON_SUBSCRIPTIONS: `${first} ${second}` },
  ...{ CORDON_ALERT_EMAILS: '["secops@northwind.example"]', CORDON_API_AUDIENCE: id('a5') },
};
const settingsWith = (identities: readonly string[]): string =>
  `stages: { production: enforce }\nazure:\n  tenant: ${id('ff')}\n  subscriptions: [${first}, ${second}]\n  identities: [${identities.join(', ')}]\n`;
const settings = settingsWith([reader, writer, homeIdentity]);
const asked = {
  ...{ stage: 'production', enforce: true, alertEmails: ['secops@northwind.example'] },
  ...{ defenderPrincipalId: id('a6'), apiAudience: id('a5') },
};
const deployed = deployBicep({ name: 'app.bicep', params: asked, read });

const agreed = 'y\n'.repeat(30);
const refused = 'n\n'.repeat(30);
const found = (value: readonly object[]): string => JSON.stringify({ value });
const graphRoles = [...new Set(rights.graph.map(({ permission }) => permission))].map((value, at) => ({
  ...{ value, allowedMemberTypes: ['Application'] },
  id: `0a1b2c3d-0000-4000-9000-${String(at).padStart(12, '0')}`,
}));

/** An Azure where the first step has been done: what its template puts out, and nothing else yet. */
function afterStepOne(more: Readonly<Record<string, string>> = {}): readonly Answer[] {
  const outputs = {
    ...deployed.outputs,
    ...{ readerPrincipalId: reader, writerPrincipalId: writer, homePrincipalId: homeIdentity },
    ...{ identities: [reader, homeIdentity, writer], functionAppName: 'cordon-production-app', vaultName: 'vault' },
    ...{ stateAccountName: 'cordonstate', malwareTopicName: 'malware-topic' },
    ...more,
  };
  return [
    ['az account show *', id('0f')],
    ...Object.entries(outputs).map(([name, value]): Answer => {
      const said = typeof value === 'string' ? value : JSON.stringify(value);
      return [`az deployment group show * properties.outputs.${name}.value *`, said];
    }),
    ['az deployment group show *', 'there is no such output', 1],
    ['az deployment sub show *', JSON.stringify({ changes: { name: 'c', group: 'g' } })],
    [
      'az rest --method get *graph.microsoft.com/v1.0/servicePrincipals[?]*',
      found([{ id: graph, appRoles: graphRoles }]),
    ],
    ['az rest --method get *', found([])],
    ['az rest --method post *roleDefinitions *', JSON.stringify({ id: 'made' })],
  ];
}
const noKey: Answer = [
  'az keyvault secret show *',
  '(SecretNotFound) A secret with (name/id) signing-key was not found',
  3,
];

/** What a whole run may take on a machine that has much else to do; it is a second. */
const patience = 60_000;
const cli = await azureCli();
afterAll(() => cli.close());
const deploy = (given: Partial<Parameters<typeof cli.run>[1]>): Promise<Ran> =>
  cli.run(script, { answers: afterStepOne(), environment, typed: agreed, settings, ...given });

/** Where in the order of calls the first of a form stands. */
const place = ({ calls }: Ran, form: RegExp): number => calls.findIndex((call) => form.test(call));
const matching = ({ calls }: Ran, form: RegExp): readonly string[] => calls.filter((call) => form.test(call));
const changing = /^az (rest --method (post|patch|delete)|role|deployment \w+ create)/;

describe('deploy.sh', () => {
  describe('the first time, with a topic in one subscription and nothing else', () => {
    let ran: Ran;
    beforeAll(async () => {
      const theirs =
        'Microsoft.Resources.ResourceGroups\tnobodys\trg-x\nmicrosoft.resources.subscriptions\ttheirs\trg-events\n';
      ran = await deploy({
        answers: [noKey, [`az eventgrid system-topic list --subscription ${second} *`, theirs], ...afterStepOne()],
      });
    }, patience);

    it('comes to its end, with the code there before Event Grid asks for it', () => {
      expect([ran.status, ran.errors]).toEqual([0, '']);
      const order = [
        /^az deployment group create .*app\.bicep/,
        /^az deployment mg create/,
        /^az rest --method post/,
        /^az deployment sub create .*\/subscription\.bicep/,
        /^npm run build/,
        /config-zip/,
        /^az deployment sub create .*subscription-events\.bicep/,
        /^az deployment group create .*topic-events\.bicep/,
      ].map((form) => place(ran, form));
      expect(order).not.toContain(-1);
      expect(order).toEqual(order.toSorted((one, other) => one - other));
      expect(matching(ran, /\/subscription(-events)?\.bicep/)).toHaveLength(4);
    });

    it('makes a signing key of 32 bytes that stands on no command line', () => {
      expect(ran.secret).toMatch(/^[A-Za-z0-9+/]{43}=$/);
      expect(ran.calls.join('\n')).not.toContain(ran.secret);
      expect(matching(ran, /secret set/)).toHaveLength(1);
    });

    it('hands the topic that is there to the templates, and asks for its own where there is none', () => {
      const none = '{"name":"","group":""}';
      const [one, other] = matching(ran, /\/subscription\.bicep/).map((call) => /topicsThere=(\S+)/.exec(call)?.[1]);
      expect(one).toBe(`{"changes":${none},"policies":${none}}`);
      expect(other).toBe(`{"changes":{"name":"theirs","group":"rg-events"},"policies":${none}}`);
      const topics = JSON.stringify({ changes: { name: 'c', group: 'g' } });
      for (const call of matching(ran, /subscription-events\.bicep/)) expect(call).toContain(`topics=${topics} `);
    });
  });

  describe('again, where evidence is locked, nothing may change any more and a person says no to everything', () => {
    let ran: Ran;
    beforeAll(async () => {
      ran = await deploy({
        answers: [
          ['az storage account list *', 'cordonstate'],
          ['az storage container-rm list *', 'cordon-evidence cordon-anchors'],
          ['az storage container immutability-policy show *cordon-evidence --query state *', 'Locked'],
          ['az storage container immutability-policy show *cordon-anchors --query state *', 'Unlocked'],
          ['az identity list *', writer],
          ...formerRights(),
          ...afterStepOne({ writerPrincipalId: '' }),
        ],
        environment: { ...environment, CORDON_ENFORCE: 'false', CORDON_LOCK_EVIDENCE: 'yes' },
        typed: refused,
      });
    }, patience);

    it('tells the template to leave the policies alone, and locks what is not locked yet', () => {
      expect([ran.status, matching(ran, /app\.bicep/)]).toEqual([0, [expect.stringContaining(' evidenceLocked=true')]]);
      const locked = matching(ran, /immutability-policy lock/);
      expect(locked).toEqual([expect.stringContaining('--container-name cordon-anchors')]);
    });

    it('leaves the signing key that is there', () => {
      expect(matching(ran, /secret set/)).toEqual([]);
    });

    it('shows what it would take away, and grants and takes nothing', () => {
      expect(ran.output).toContain('- role Cordon Writer at /providers/Microsoft.Management/managementGroups/mg');
      expect(matching(ran, changing)).toEqual([]);
      expect(matching(ran, /^refused az deployment (group|mg|sub) create/)).toHaveLength(7);
      expect(ran.errors).toContain('Nothing of this was changed.');
      expect(ran.output).toContain('Not done, as you said no: Grant and revoke these? node ');
    });
  });

  it('takes every right from a writer that the stage has no more, once a person agrees', async () => {
    const former = `--former-writer ${writer} --management-group mg --subscriptions ${first}`;
    const ran = await cli.runStep(`node functions/azure/deploy/graph-roles.ts --stage production ${former}`, {
      answers: [...formerRights(), ...afterStepOne()],
    });
    expect([ran.status, ran.errors]).toEqual([0, '']);
    expect(matching(ran, /--method delete/).map((call) => /https:\S+/.exec(call)?.[0])).toEqual([
      'https://management.azure.com/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/roleAssignments/one?api-version=2022-04-01',
      `https://management.azure.com/subscriptions/${first}/providers/Microsoft.Authorization/roleAssignments/two?api-version=2022-04-01`,
      `https://graph.microsoft.com/v1.0/servicePrincipals/${writer}/appRoleAssignments/three`,
    ]);
    expect(matching(ran, /--method post/)).toEqual([]);
  });

  it('stops where it is not known whether there is a signing key, and makes none', async () => {
    const unavailable: Answer = ['az keyvault secret show *', '(ServiceUnavailable) The service is unavailable.', 1];
    const ran = await deploy({ answers: [unavailable, ...afterStepOne()] });
    expect(ran.status).toBe(1);
    expect(ran.errors).toContain('ServiceUnavailable');
    expect(matching(ran, /secret set|mg create|config-zip/)).toEqual([]);
  });

  it('stops before any right is given while the settings do not know its identities, with the lines that they need', async () => {
    const ran = await deploy({ settings: settingsWith([reader]) });
    expect(ran.status).toBe(2);
    expect(ran.errors).toContain(`\nazure:\n  identities:\n    - ${homeIdentity}\n    - ${writer}\n`);
    expect(matching(ran, /app\.bicep/)).toHaveLength(1);
    expect(matching(ran, /mg create|secret (set|show)|az rest|config-zip|sub create/)).toEqual([]);
  });

  it('asks Azure for nothing where there are no settings at all', async () => {
    const { CORDON_GROUP: _, ...few } = environment;
    const ran = await cli.run(script, { answers: [], environment: few });
    expect([ran.status, ran.calls]).toEqual([2, []]);
    expect(ran.errors).toContain('CORDON_GROUP is not set');
    expect(ran.errors).toMatch(/azure:\n {2}tenant: .*az account show/);
    expect(ran.errors).toContain(`\n  subscriptions:\n    - ${first}\n    - ${second}\n`);
  });
});

/** What a writer of former times has: a role at each scope, and a permission of Graph. */
function formerRights(): readonly Answer[] {
  const assignment = (scope: string, name: string) => ({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    properties: { principalId: writer, scope, roleDefinitionId: `${scope}/roles/${name}` },
  });
  const above = assignment('/providers/Microsoft.Management/managementGroups/mg', 'one');
  const list = (scope: string) =>
    `az rest --method get --url https://management.azure.com${scope}/*/roleAssignments[?]*`;
  return [
    [list('/providers/Microsoft.Management/managementGroups/mg'), found([above])],
    [list(`/subscriptions/${first}`), found([above, assignment(`/subscriptions/${first}`, 'two')])],
    [
      'az rest --method get *management.azure.com*/roles/*',
      JSON.stringify({ properties: { roleName: 'Cordon Writer' } }),
    ],
    [
      `az rest --method get *${writer}/appRoleAssignments*`,
      found([{ id: 'three', appRoleId: graphRoles[0]?.id, resourceId: graph }]),
    ],
  ];
}

describe('what is asked for together', () => {
  const bus = 'event-bus:arn:aws:events:eu-west-1:999988887777:event-bus/cordon-production-azure';
  const topic = 'event-topic:https://home.westeurope-1.eventgrid.azure.net/api/events';
  const aws = {
    role: 'arn:aws:iam::999988887777:role/c',
    audience: 'api://c',
    region: 'eu-west-1',
    sourceIdentity: '',
  };
  const fromAws = { issuer: 'https://issuer.example', roles: 'arn:aws:iam::999988887777:role/cordon-production' };
  const variables = {
    ...{ enforce: 'CORDON_ENFORCE', relay: 'CORDON_RELAY', outcomes: 'CORDON_OUTCOMES' },
    ...{ aws: 'CORDON_AWS', fromAws: 'CORDON_FROM_AWS' },
  } as const;
  const values = { enforce: true, relay: true, outcomes: true, aws, fromAws };
  const keys = Object.keys(variables) as readonly (keyof typeof variables)[]; // the keys of a literal
  const combinations = ['', bus, topic].flatMap((forwardTo) =>
    Array.from({ length: 2 ** keys.length }, (_, bits) => ({
      forwardTo,
      names: keys.filter((_key, at) => Math.floor(bits / 2 ** at) % 2 === 1),
    })),
  );
  let forwarding: ReadonlySet<string>;

  beforeAll(async () => {
    const host = functionsHost();
    vi.stubEnv('CORDON_FORWARD_TO', bus);
    await import('../../functions/azure/main.ts');
    vi.unstubAllEnvs();
    forwarding = new Set(host.functions.keys());
  });

  /** Whether something is made, as the template has it, that nothing uses, or something left out that is used. */
  const isIdle = (params: JsonObject & { readonly forwardTo: string }): boolean => {
    if (params.forwardTo === '') return false;
    const { resources, outputs } = deployBicep({
      name: 'app.bicep',
      params: { ...asked, enforce: false, ...params },
      read,
    });
    const text = (type: RegExp) => resources.filter((one) => type.test(one.type)).map((one) => JSON.stringify(one));
    const has = (type: RegExp, words: string) => text(type).some((one) => one.includes(words));
    const app = text(/^Microsoft.Web\/sites/).join('\n');
    const comesFromAws = text(/federatedIdentityCredentials/);
    return (
      (has(/queues$/, '"cordon-relay"') && !forwarding.has('on-relay')) ||
      (has(/EventGrid\/topics$/, 'production-forwarded') && !forwarding.has('on-forwarded')) ||
      (has(/EventGrid\/topics$/, 'production-outcomes') && comesFromAws.length === 0) ||
      (has(/userAssignedIdentities$/, 'production-writer') && outputs['writerPrincipalId'] === '') ||
      (app.includes('event-bus:') && !app.includes('CORDON_AWS_ROLE')) ||
      (comesFromAws.length > 0 && !app.includes('event-bus:'))
    );
  };

  it('is refused exactly where the templates would make what nothing uses', () => {
    expect(forwarding.size).toBeGreaterThan(2);
    const judged = combinations.map(({ forwardTo, names }) => {
      const given = Object.fromEntries(names.map((name) => [name, values[name]]));
      const set = names.map((name) => {
        const value = values[name];
        return [variables[name], typeof value === 'object' ? JSON.stringify(value) : String(value)];
      });
      const problems = environmentProblems({
        ...{ ...environment, CORDON_ENFORCE: '' },
        ...Object.fromEntries(set),
        CORDON_FORWARD_TO: forwardTo,
      });
      return {
        names: [forwardTo.slice(0, 9), ...names].join(' '),
        refused: problems.length > 0,
        idle: isIdle({ ...given, forwardTo }),
      };
    });
    expect(judged.filter((one) => one.refused !== one.idle)).toEqual([]);
    expect(judged.filter((one) => one.idle).length).toBeGreaterThan(20);
  });

  it.each([
    ['CORDON_STAGE', 'staging', /staging never changes anything/],
    ['CORDON_RELAY', 'yes', /CORDON_RELAY is true or false/],
    ['CORDON_FORWARD_TO', 'arn:aws:events', /names no home/],
    [
      'CORDON_AWS',
      '{"role":"arn:aws:iam::1:role/c"}',
      /CORDON_AWS is JSON with role, audience, region, sourceIdentity/,
    ],
    ['CORDON_FROM_AWS', '{', /CORDON_FROM_AWS is JSON with issuer, roles/],
    ['CORDON_LOCATION', '', /CORDON_LOCATION is not set/],
  ])('is refused where %s is %j', (name, value, problem) => {
    expect(environmentProblems({ ...environment, [name]: value })).toEqual([expect.stringMatching(problem)]);
  });

  it('is nothing to add to settings that name all of it, however the ids are written', () => {
    const set = Settings.parse({ azure: { subscriptions: [first], identities: [reader] } });
    expect(linesToAdd(set, { subscriptions: [first.toUpperCase()], identities: [reader.toUpperCase()] })).toBe('');
  });

  it('makes the functions always ready that are there', () => {
    const site = (forwardTo: string) =>
      JSON.stringify(
        deployBicep({ name: 'app.bicep', params: { ...asked, alwaysReady: 1, forwardTo }, read }).resources,
      );
    const ready = (forwardTo: string) =>
      [...site(forwardTo).matchAll(/"function:([\w-]+)"/g)].map(([, name = '']) => name);
    expect(ready('')).toEqual(['on-event-hub', 'on-run']);
    expect(ready(bus)).toEqual(['on-event-hub']);
    expect(ready(bus).filter((name) => !forwarding.has(name))).toEqual([]);
  });

  it('attaches neither reader nor writer to an app that hands events on', () => {
    const of = (more: JsonObject) => deployBicep({ name: 'app.bicep', params: { ...asked, ...more }, read });
    const sites = ({ resources }: ReturnType<typeof of>) =>
      JSON.stringify(resources.filter(({ type }) => type.startsWith('Microsoft.Web/sites')));
    expect(sites(of({}))).toMatch(/<reader.id>.*<writer.id>.*READER_CLIENT_ID.*WRITER_CLIENT_ID/s);
    for (const more of [{}, { fromAws }])
      expect(sites(of({ forwardTo: bus, aws, ...more }))).not.toMatch(/reader|writer/i);
    expect(of({ forwardTo: bus }).outputs).toMatchObject({ readerPrincipalId: '', writerPrincipalId: '' });
  });
});

describe('the check of Bicep in the public workflow', () => {
  const Workflow = z.object({
    jobs: z.object({
      bicep: z.object({ steps: z.array(z.object({ name: z.string().optional(), run: z.string().optional() })) }),
    }),
  });
  const path = '.github/workflows/ci.yml';
  const { steps } = Workflow.parse(readYaml(readFileSync(new URL(path, root), 'utf8'), path).value).jobs.bicep;
  const step = steps.find(({ run = '' }) => run.includes('az bicep build'))?.run ?? '';
  const check = (answers: readonly Answer[]) => cli.runStep(step, { answers });
  const newer = 'WARNING: A new Bicep release is available: v0.99.0. Upgrade now by running "az bicep upgrade".';
  const warning =
    'WARNING: /cordon/app.bicep(5,7) : Warning no-unused-params: Parameter "idle" is declared but never used.';

  it('fails on a warning and on an error, and on nothing else', async () => {
    const said = (text: string): Answer => ['az bicep build *watch.bicep*', text, 0];
    expect((await check([said(newer)])).status).toBe(0);
    const warned = await check([said(warning)]);
    expect(warned.status).not.toBe(0);
    expect(warned.output).toContain('no-unused-params');
    expect(
      (await check([['az bicep build *watch.bicep*', 'ERROR: app.bicep(5,7) : Error BCP057', 1]])).status,
    ).not.toBe(0);
  });
});
