import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { azureActions } from '../../shared/actions/azure/catalogue.ts';
import { namesKeys } from '../../shared/adapters/system/signer.ts';
import { isObject, type Json, type JsonObject } from '../../shared/model/json.ts';
import { type AzureRole, allows } from '../../shared/policy/azure.ts';
import { conditionHolds } from '../../shared/policy/azure-condition.ts';
import { readsByPost } from '../../shared/policy/judge-rights.ts';
import { assigning, roleGiven, rolesThatGiveRoles } from '../../shared/policy/role-assigning.ts';
import { metrics } from '../../shared/report/metrics.ts';
import { usable, loadPlaybooks } from '../../functions/local/playbooks.ts';
import { type Deployed, deployBicep } from '../support/bicep-deploy.ts';
import { bicepProblems } from '../support/bicep-rules.ts';
import { readEvent } from '../support/events.ts';
import { functionsHost } from '../support/functions-host.ts';

const host = functionsHost();
const [{ azureStores }, bindings] = await Promise.all([
  import('../../functions/azure/stores.ts'),
  import('../../functions/azure/bindings.ts'),
  import('../../functions/azure/main.ts'),
]);

const root = new URL('../../', import.meta.url);
const folder = new URL('functions/azure/deploy/', root);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const files = readdirSync(folder).filter((name) => name.endsWith('.bicep'));

const reader = '0a1b2c3d-0000-4000-8000-00000000a001';
const writer = '0a1b2c3d-0000-4000-8000-00000000a002';
const homeIdentity = '0a1b2c3d-0000-4000-8000-00000000a006';
const asked = {
  stage: 'production',
  enforce: true,
  alertEmails: ['secops@northwind.example'],
  defenderPrincipalId: '0a1b2c3d-0000-4000-8000-00000000a003',
  apiAudience: '0a1b2c3d-0000-4000-8000-00000000a004',
};
const aws = {
  role: 'arn:aws:iam::999988887777:role/CordonHome',
  audience: 'api://cordon-aws',
  region: 'eu-west-1',
  sourceIdentity: 'cordon',
};
const fromAws = { issuer: 'https://issuer.example', roles: 'arn:aws:iam::999988887777:role/cordon-production' };
/** A home with all that it may have, and a deployment that hands its events on. */
const everything = {
  ...asked,
  ...{ relay: true, signals: true, outcomes: true },
  ...{ aws, fromAws },
  workerArguments: '--disable-proto=delete',
};
const handingOn = { ...asked, aws, forwardTo: 'event-bus:arn' };
const topics = {
  changes: { name: 'cordon-production-changes', group: 'cordon-production-sources' },
  policies: { name: 'their-policies', group: 'rg-theirs' },
};

const app = (more: JsonObject = {}) => deployBicep({ name: 'app.bicep', params: { ...asked, ...more }, read });
const rightsOf = (stage: string, writerPrincipalId: string, more: JsonObject = {}) => [
  ...deployBicep({
    name: 'management-group.bicep',
    params: { stage, readerPrincipalId: reader, writerPrincipalId, identities: [reader, writer, homeIdentity] },
    read,
  }).resources,
  ...deployBicep({
    name: 'subscription.bicep',
    params: {
      ...{ stage, location: 'westeurope', eventHubId: '/hub', actionGroupId: '/people' },
      ...{ readerPrincipalId: reader, writerPrincipalId },
      ...more,
    },
    read,
  }).resources,
];
const subscriptionEvents = () =>
  deployBicep({
    name: 'subscription-events.bicep',
    params: { stage: 'production', topics, functionAppId: '/sites/cordon', deadLetterAccountId: '/accounts/dead' },
    read,
  }).resources;
const topicEvents = () =>
  deployBicep({
    name: 'topic-events.bicep',
    params: {
      malwareTopicName: 'malware',
      forwardedTopicName: 'forwarded',
      functionAppId: '/sites/cordon',
      deadLetterAccountId: '/accounts/dead',
    },
    read,
  }).resources;

const of = (resources: readonly Deployed[], type: string): readonly Deployed[] =>
  resources.filter((one) => one.type === type);
const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (found, key) => (isObject(found) ? (found[key] as Json | undefined) : undefined),
    value,
  ); // JSON inside of JSON
const namesOf = (resources: readonly Deployed[], type: string): readonly string[] =>
  of(resources, type).map(({ name }) => name);
const settingsOf = (resources: readonly Deployed[]): JsonObject => {
  const [settings] = of(resources, 'Microsoft.Web/sites/config');
  const properties = at(settings?.body, 'properties');
  return isObject(properties) ? (properties as JsonObject) : {}; // JSON inside of JSON
};

describe('the Bicep', () => {
  it.each(files)('of %s holds together: names, types, parents, modules, parameters', (name) => {
    expect(bicepProblems(name, read)).toEqual([]);
  });

  const broken: readonly (readonly [string, string, string, RegExp])[] = [
    ['a symbol that is not there', 'workspaceId: logs.outputs', 'workspaceId: logz.outputs', /there is no logz/],
    [
      'an output that a module has not',
      'logs.outputs.workspaceId',
      'logs.outputs.workspace',
      /logs.outputs has no workspace$/,
    ],
    [
      'a parameter that nothing uses',
      'param stage string',
      "@description('x')\nparam idle string\nparam stage string",
      /param idle is not used|says not what/,
    ],
    ['a parameter that a module wants', '    evidenceDays: evidenceDays\n', '', /state gives no evidenceDays/],
    [
      'a parameter that a module has not',
      '    evidenceDays: evidenceDays\n',
      '    evidenceDays: evidenceDays\n    days: 1\n',
      /state.bicep has no param days/,
    ],
    ['a type without an API version', 'vaults@2023-07-01', 'vaults', /is no type with an API version/],
    ['an unknown function', 'uniqueString(', 'uniqueText(', /uniqueText is no function/],
    [
      'a function of another scope',
      'uniqueString(resourceGroup().id, stage)',
      'uniqueString(managementGroup().id, stage)',
      /has no meaning in a resourceGroup/,
    ],
    ['a resource without a name', '  name: vaultName\n', '', /vault has no name/],
    ['a module for another scope', "'logs.bicep'", "'subscription.bicep'", /is for a subscription/],
    ['an unknown decorator', '@minLength(2)', '@shortest(2)', /@shortest is not known/],
    ['two of one name', 'resource reader ', 'resource home ', /home is declared twice/],
    ['a text that does not end', "name: 'cordon-logs'", "name: 'cordon-logs", /a text does not end/],
    [
      'members on one line without a comma',
      "sku: { family: 'A', name: 'standard' }",
      "sku: { family: 'A' name: 'standard' }",
      /a new line was expected/,
    ],
    ['a word of another language', 'metadata description', 'terraform description', /terraform is no statement/],
  ];
  it.each(broken)('is refused with %s', (_, from, to, problem) => {
    const whole = read('app.bicep');
    expect(whole).toContain(from);
    const changed = (name: string) => (name === 'app.bicep' ? whole.replace(from, to) : read(name));
    const problems = () => {
      try {
        return bicepProblems('app.bicep', changed).join('\n');
      } catch (thrown) {
        return String(thrown);
      }
    };
    expect(problems()).toMatch(problem);
  });

  it('is deployed with the parameters that each template takes', () => {
    const script = read('deploy.sh').replaceAll('\\\n', ' ');
    const calls = [...script.matchAll(/--template-file "\$deploy\/([\w-]+\.bicep)"[^\n]*?--parameters([^\n]*)/g)];
    expect(calls).toHaveLength(5);
    for (const [, name = '', given = ''] of calls) {
      const keys = [...given.matchAll(/ (\w+)=/g)].map(([, key = '']) => key);
      const module = `module one '${name}' = {\n  name: 'one'\n  params: {${keys.map((key) => `\n    ${key}: 'x'`).join('')}\n  }\n}\n`;
      const scope = /targetScope = '\w+'/.exec(read(name))?.[0] ?? '';
      const whole = `${scope}\n${module}`;
      expect(bicepProblems('main', (file) => (file === 'main' ? whole : read(file)))).toEqual([]);
    }
  });
});

describe('the settings of the function app', () => {
  const code = ['functions/azure', 'functions'].flatMap((path) =>
    readdirSync(new URL(`${path}/`, root))
      .filter((name) => name.endsWith('.ts') && !['build.ts', 'find-settings.ts'].includes(name))
      .map((name) => readFileSync(new URL(`${path}/${name}`, root), 'utf8')),
  );
  const read = new Set(
    code.flatMap((text) => [...text.matchAll(/['%](CORDON_[A-Z_]+)['%]/g)].map(([, name = '']) => name)),
  );
  const settings = settingsOf(app(everything).resources);
  const set = new Set(
    Object.keys({ ...settings, ...settingsOf(app(handingOn).resources) })
      .filter((name) => name.startsWith('CORDON_'))
      .map((name) => name.split('__')[0] ?? ''),
  );

  it('set every variable that the code reads, and none that it does not', () => {
    expect([...set].sort()).toEqual([...read].sort());
  });

  it('are such as the code takes', () => {
    const { records, evidence, anchor } = azureStores({});
    for (const [variable, kind, stores] of [
      ['CORDON_RECORDS', 'tables', records],
      ['CORDON_EVIDENCE', 'blob', evidence],
      ['CORDON_ANCHOR', 'blob', anchor],
    ] as const) {
      const [word = '', rest = ''] = String(settings[variable]).split(':');
      expect([
        word,
        stores && Object.entries(stores).some(([name, { pattern }]) => name === kind && pattern.test(rest)),
      ]).toEqual([kind, true]);
    }
    expect(namesKeys(String(settings['CORDON_SIGNING_KEYS']))).toBe(true);
  });

  it('hold no secret and no key', () => {
    expect(JSON.stringify(settings)).not.toMatch(/AccountKey|SharedAccess|InstrumentationKey|listKeys/);
    for (const name of ['AzureWebJobsStorage', 'CORDON_EVENT_HUB', 'CORDON_SIGNALS'])
      expect(settings).toMatchObject({ [`${name}__credential`]: 'managedidentity' });
  });

  it('leave the relay, signals, AWS and the writer out where they are not asked for', () => {
    const few = Object.keys(settingsOf(app({ enforce: false }).resources));
    expect(few.filter((name) => /RELAY|SIGNALS|AWS|WRITER|languageWorkers/.test(name))).toEqual([]);
  });
});

describe('what the code names is there', () => {
  const { resources } = app(everything);

  it('as queues: those that functions read and write, each with its poison queue', () => {
    const bound = [...host.functions.values()].flatMap((one) => Object.values(one.bindings));
    const named = new Set([
      ...bound.flatMap(({ queueName }) => (queueName === undefined ? [] : [queueName])),
      bindings.relayQueueName,
    ]);
    const poison = [...named].filter((name) => !name.endsWith('-poison')).map((name) => `${name}-poison`);
    expect([...namesOf(resources, 'Microsoft.Storage/storageAccounts/queueServices/queues')].sort()).toEqual(
      [...new Set([...named, ...poison])].sort(),
    );
  });

  it('as a table, containers, two hubs and their consumer groups, and nothing else of the kind', () => {
    const settings = settingsOf(resources);
    const last = (name: string) => String(settings[name]).split('/').at(-1);
    expect(namesOf(resources, 'Microsoft.Storage/storageAccounts/tableServices/tables')).toEqual([
      last('CORDON_RECORDS'),
    ]);
    expect(namesOf(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers')).toEqual([
      'cordon-packages',
      last('CORDON_EVIDENCE'),
      last('CORDON_ANCHOR'),
      'cordon-dead-letters',
    ]);
    expect(namesOf(resources, 'Microsoft.EventHub/namespaces/eventhubs')).toEqual([
      settings['CORDON_EVENT_HUB_NAME'],
      settings['CORDON_SIGNALS_NAME'],
    ]);
    expect(namesOf(resources, 'Microsoft.EventHub/namespaces/eventhubs/consumergroups')).toEqual([
      settings['CORDON_EVENT_HUB_CONSUMER_GROUP'],
      settings['CORDON_SIGNALS_CONSUMER_GROUP'],
    ]);
  });

  it('as functions: those that are always ready, and the one that Event Grid delivers to', () => {
    const [site] = of(app({ alwaysReady: 1 }).resources, 'Microsoft.Web/sites');
    const ready = JSON.stringify(
      at(site?.body, 'properties', 'functionAppConfig', 'scaleAndConcurrency', 'alwaysReady'),
    );
    const names = [...ready.matchAll(/function:([\w-]+)/g)].map(([, name = '']) => name);
    expect(names).toHaveLength(2);
    for (const name of names) expect([...host.functions.keys()]).toContain(name);
    const delivered = [...subscriptionEvents(), ...topicEvents()].map(
      ({ body }) => /functions\/([\w-]+)/.exec(JSON.stringify(body))?.[1],
    );
    for (const name of delivered.filter((one) => one !== undefined))
      expect(Object.values(host.functions.get(name)?.bindings ?? {})[0]).toMatchObject({ type: 'eventGridTrigger' });
    expect(delivered).toContain('on-forwarded');
  });

  it('as texts in the logs: every alarm that asks for a line asks for one that is written', () => {
    const queries = of(resources, 'Microsoft.Insights/scheduledQueryRules').map(({ body }) => JSON.stringify(body));
    const wanted = queries.flatMap((query) =>
      [...query.matchAll(/Message has \\"([^\\]+)\\"/g)].map(([, text = '']) => text),
    );
    const code = ['functions/', 'functions/azure/', 'shared/records/'].flatMap((path) =>
      readdirSync(new URL(path, root))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(new URL(path + name, root), 'utf8')),
    );
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.filter((text) => !code.some((one) => one.includes(`'${text}'`)))).toEqual([]);
  });
});

describe('the alarm about metrics', () => {
  it('asks for the same ones as the alarms on AWS, which Cordon measures', () => {
    const rules = of(app(everything).resources, 'Microsoft.Insights/scheduledQueryRules');
    const [query = '', ...others] = rules
      .map(({ body }) => JSON.stringify(at(body, 'properties', 'criteria')))
      .filter((text) => text.includes('AppMetrics'));
    const asked = [...query.matchAll(/Name in \(([^)]+)\)/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/\w+/g)].map(([name]) => name),
    );
    const alarms = readFileSync(new URL('functions/aws/deploy/alarms.yml', root), 'utf8');
    const onAws = [...alarms.matchAll(/Namespace: Cordon\n\s+MetricName: (\w+)/g)].map(([, name = '']) => name);
    expect(others).toEqual([]);
    expect(asked.sort()).toEqual([...new Set(onAws)].sort());
    for (const name of asked) expect(Object.keys(metrics)).toContain(name);
  });
});

describe('what stands open', () => {
  const { resources } = app(everything);

  it('is nothing with keys but dead letters, malware results and a hub that one sends to with one; no password', () => {
    const accounts = of(resources, 'Microsoft.Storage/storageAccounts').map(({ name, body }) => [
      name.replace(/k3x.*/, ''),
      at(body, 'properties', 'allowSharedKeyAccess'),
      at(body, 'properties', 'allowBlobPublicAccess'),
    ]);
    expect(accounts).toEqual([
      ['cordonhost', false, false],
      ['cordonstate', false, false],
      ['cordondead', true, false],
    ]);
    const local = of(resources, 'Microsoft.EventHub/namespaces');
    expect(local.map(({ file, body }) => [file, at(body, 'properties', 'disableLocalAuth')])).toEqual([
      ['events.bicep', true],
      ['signals.bicep', false],
    ]);
    const rules = of(resources, 'Microsoft.EventHub/namespaces/authorizationRules');
    expect(rules.map(({ file, body }) => [file, at(body, 'properties', 'rights')])).toEqual([
      ['signals.bicep', ['Send']],
    ]);
    const keyless = of(resources, 'Microsoft.EventGrid/topics').filter(({ body }) =>
      Boolean(at(body, 'properties', 'disableLocalAuth')),
    );
    expect(keyless.map(({ name }) => name.replace(/-k3x.*/, '')).sort()).toEqual([
      'cordon-production-alerts',
      'cordon-production-forwarded',
      'cordon-production-outcomes',
    ]);
    for (const { body } of of(resources, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies'))
      expect(at(body, 'properties', 'allow')).toBe(false);
  });

  it('is nothing that another stage in the same resource group has too', () => {
    const named = (stage: string) =>
      app({ ...everything, stage })
        .resources.filter(({ type }) => type.split('/').length === 2 && !type.startsWith('Microsoft.Authorization'))
        .map(({ type, name }) => `${type} ${name}`);
    const [one, other] = [named('production'), named('test')];
    expect(one.length).toBeGreaterThan(15);
    expect(one.filter((name) => other.includes(name) && !name.endsWith('diagnosticSettings cordon'))).toEqual([]);
  });

  it('is no PUT on a policy that is locked, which would fail and take the deployment with it', () => {
    const policies = (more: JsonObject) =>
      of(app(more).resources, 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies');
    expect([policies({}).length, policies({ evidenceLocked: true }).length]).toEqual([2, 0]);
  });

  it('is no evidence or anchor that could be changed or deleted, and no vault that could be emptied for good', () => {
    const kept = of(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers').filter(({ name }) =>
      ['cordon-evidence', 'cordon-anchors'].includes(name),
    );
    for (const { body } of kept) expect(at(body, 'properties', 'immutableStorageWithVersioning', 'enabled')).toBe(true);
    expect(
      of(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies'),
    ).toHaveLength(kept.length);
    const [vault] = of(resources, 'Microsoft.KeyVault/vaults');
    expect(at(vault?.body, 'properties')).toMatchObject({
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      enablePurgeProtection: true,
    });
  });
});

describe('rights on Azure', () => {
  type Held = AzureRole & {
    readonly file: string;
    readonly principal: Json | undefined;
    readonly condition: Json | undefined;
  };
  /** Each role definition with who has it, as the assignments say. */
  const heldOf = (resources: readonly Deployed[]): readonly Held[] => {
    const assigned = of(resources, 'Microsoft.Authorization/roleAssignments');
    return of(resources, 'Microsoft.Authorization/roleDefinitions').map(({ file, body }, index) => {
      const permissions = at(body, 'properties', 'permissions');
      const [permission] = Array.isArray(permissions) ? permissions : [];
      const same = assigned.filter((one) => one.file === file);
      const first = of(resources, 'Microsoft.Authorization/roleDefinitions').findIndex((one) => one.file === file);
      return {
        ...(permission as AzureRole),
        file,
        principal: at(same[index - first]?.body, 'properties', 'principalId'),
        condition: at(same[index - first]?.body, 'properties', 'condition'),
      }; // as the template has it
    });
  };
  const operations = (role: AzureRole) => [...role.actions, ...role.dataActions];

  it('in staging: one identity that reads, and none that writes, whatever is asked for', () => {
    const staging = app({ stage: 'staging', enforce: true });
    expect(namesOf(staging.resources, 'Microsoft.ManagedIdentity/userAssignedIdentities')).toEqual([
      'cordon-staging-home',
      'cordon-staging-reader',
    ]);
    expect(staging.outputs['writerPrincipalId']).toBe('');
    expect(JSON.stringify(staging.resources)).not.toMatch(/writer/i);
    const held = heldOf(rightsOf('staging', ''));
    expect(held.length).toBeGreaterThan(1);
    for (const role of held) {
      expect(role.principal).toBe(reader);
      expect(operations(role).filter((one) => !/\/read$/.test(one) && !readsByPost.includes(one))).toEqual([]);
    }
  });

  it('elsewhere: reader and writer apart, data only in subscriptions', () => {
    const held = heldOf(rightsOf('production', writer));
    expect(held.map(({ file, principal }) => [file, principal])).toEqual([
      ['management-group.bicep', reader],
      ['management-group.bicep', writer],
      ['subscription.bicep', reader],
      ['subscription.bicep', writer],
    ]);
    for (const role of held.filter(({ file }) => file === 'management-group.bicep'))
      expect(role.dataActions).toEqual([]);
  });

  describe('are those of the playbooks', () => {
    const held = heldOf(rightsOf('production', writer));
    const may = (principal: string, allow: string) =>
      held.some(
        (role) => role.principal === principal && allows(role, allow.replace(/^data:/, ''), allow.startsWith('data:')),
      );
    let needed: readonly { readonly principal: string; readonly allow: string }[] = [];

    beforeAll(async () => {
      const playbooks = usable(await loadPlaybooks([new URL('playbooks', root).pathname]));
      const named = JSON.stringify(playbooks.map(({ steps, finally: last }) => [steps, last]));
      const actions = await Promise.all(Object.values(azureActions).map(({ load }) => load()));
      const used = actions.filter(({ id, portable }) =>
        [id, portable?.verb].some((name) => name && named.includes(`"action":"${name}"`)),
      );
      expect(used.length).toBeGreaterThan(5);
      needed = used
        .flatMap(({ permissions }) => [
          ...permissions.read.map(({ allow }) => ({ principal: reader, allow })),
          ...permissions.write.map(({ allow }) => ({ principal: writer, allow })),
        ])
        .filter(({ allow }) => !/^(graph|entra):/.test(allow));
    });

    it('all of them', () => {
      expect(needed.filter(({ principal, allow }) => !may(principal, allow))).toEqual([]);
    });

    it('and for changes none beside them but those that tell the finding and let the doctor look', () => {
      const declared = new Set(
        needed.filter(({ principal }) => principal === writer).map(({ allow }) => allow.replace(/^data:/, '')),
      );
      const more = held
        .filter(({ principal }) => principal === writer)
        .flatMap(operations)
        .filter((one) => !declared.has(one));
      expect(more.sort()).toEqual([
        'Microsoft.Authorization/permissions/read',
        'Microsoft.Security/locations/alerts/*/action',
        'Microsoft.Security/locations/alerts/read',
      ]);
    });

    it('and give a role that gives none, is none of their own, and to nobody of Cordon', () => {
      const [writing, ...others] = held.filter((role) => allows(role, assigning, false));
      expect([writing?.principal, others]).toEqual([writer, []]);
      const condition = String(writing?.condition);
      expect(condition).not.toMatch(/ownRoles|ownIdentities/);
      const gives = (role: string, to: string) =>
        conditionHolds(condition, { operation: assigning, attributes: roleGiven(role, to) });
      const somebody = '0a1b2c3d-0000-4000-8000-00000000a0ff';
      const blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1';
      expect(gives(blobReader, somebody)).toBe(true);
      const own = namesOf(rightsOf('production', writer), 'Microsoft.Authorization/roleDefinitions').slice(0, 2);
      for (const role of [...rolesThatGiveRoles, ...own]) expect([role, gives(role, somebody)]).toEqual([role, false]);
      for (const one of [reader, writer, homeIdentity]) expect([one, gives(blobReader, one)]).toEqual([one, false]);
    });

    it('and under no condition where the template of subscriptions would lose it', () => {
      const { roles } = JSON.parse(read('rights.generated.json')) as { roles: { scope: string; condition: string }[] };
      expect(roles.filter(({ scope, condition }) => scope === 'subscription' && condition !== '')).toEqual([]);
    });

    it('and never dismiss an alert, read a key, run a command or define a role', () => {
      for (const operation of [
        'Microsoft.Security/locations/alerts/dismiss/action',
        'Microsoft.Storage/storageAccounts/listKeys/action',
        'Microsoft.Compute/virtualMachines/runCommand/action',
        'Microsoft.Authorization/roleDefinitions/write',
        'Microsoft.Compute/virtualMachines/delete',
      ])
        expect([operation, may(writer, operation), may(reader, operation)]).toEqual([operation, false, false]);
      expect(may(writer, 'Microsoft.Security/locations/alerts/inProgress/action')).toBe(true);
    });
  });
});

describe('event subscriptions', () => {
  const all = [...subscriptionEvents(), ...topicEvents()].filter(({ type }) => type.endsWith('/eventSubscriptions'));

  it('deliver to the function, try for a day, and put what they cannot deliver where an alarm looks', () => {
    expect(all).toHaveLength(4);
    for (const { body } of all) {
      expect(at(body, 'properties')).toMatchObject({
        destination: {
          endpointType: 'AzureFunction',
          properties: { resourceId: expect.stringMatching(/^\/sites\/cordon\/functions\/on-(event-grid|forwarded)$/) },
        },
        retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1_440 },
      });
      expect(JSON.stringify(body)).toContain('"blobContainerName":"cordon-dead-letters"');
    }
    const alarms = [...app(everything).resources, ...rightsOf('production', writer)].filter(({ body }) =>
      JSON.stringify(body).includes('DeadLetteredCount'),
    );
    expect(alarms).toHaveLength(all.length);
  });

  it('go to the topics that are there, wherever those are, under the name of the stage', () => {
    const parents = subscriptionEvents().map(({ name, group, above }) => [name, group, above]);
    expect(parents).toEqual([
      ['cordon-production', 'cordon-production-sources', 'cordon-production-changes'],
      ['cordon-production', 'rg-theirs', 'their-policies'],
    ]);
  });

  /** Whether the filters of a subscription let an event through (learn.microsoft.com/azure/event-grid/event-filtering). */
  const passes = (name: string, event: Json): boolean => {
    const filter = all
      .filter(({ above }) => above.includes(name))
      .map(({ body }) => at(body, 'properties', 'filter'))[0];
    const types = at(filter, 'includedEventTypes');
    const filters = at(filter, 'advancedFilters');
    const holds: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
      StringIn: (value, wanted) => value === wanted,
      StringNotIn: (value, wanted) => value === wanted,
      StringEndsWith: (value, wanted) => value.endsWith(wanted),
    };
    const one = (wanted: Json): boolean => {
      const operator = String(at(wanted, 'operatorType'));
      const values = at(wanted, 'values');
      const value = String(at(event, ...String(at(wanted, 'key')).split('.'))).toLowerCase();
      const found = (Array.isArray(values) ? values : []).some((text) =>
        holds[operator]?.(value, String(text).toLowerCase()),
      );
      return operator === 'StringNotIn' ? !found : found;
    };
    return (
      Array.isArray(types) &&
      types.includes(at(event, 'eventType') ?? '') &&
      Array.isArray(filters) &&
      filters.length > 0 &&
      filters.every(one)
    );
  };

  it.each([
    ['changes', 'activity-log/security-rule-written', {}, true],
    ['changes', 'activity-log/storage-account-written', {}, true],
    [
      'changes',
      'activity-log/security-rule-written',
      { operationName: 'Microsoft.Compute/virtualMachines/write' },
      false,
    ],
    ['policies', 'azure-policy/not-compliant', {}, true],
    ['policies', 'azure-policy/not-compliant', { complianceState: 'Compliant' }, false],
    ['malware', 'defender-storage/malicious-blob', {}, true],
    ['malware', 'defender-storage/clean-blob', {}, false],
  ])('of %s, asked for %s with %j, let it through: %s', (name, fixture, changed, expected) => {
    const given = readEvent(fixture);
    const [event = null] = Array.isArray(given) ? given : [given];
    const members = isObject(event) ? event : {};
    const data = isObject(members['data']) ? members['data'] : {};
    expect(passes(name, JSON.parse(JSON.stringify({ ...members, data: { ...data, ...changed } })))).toBe(expected);
  });

  it('stay within the 25 values that Event Grid takes', () => {
    for (const { body } of all) {
      const values = [...JSON.stringify(at(body, 'properties', 'filter')).matchAll(/"values":(\[[^\]]*\])/g)].flatMap(
        ([, list = '[]']) => JSON.parse(list),
      );
      expect(values.length).toBeLessThanOrEqual(25);
    }
  });
});

describe('the sources of a subscription', () => {
  const resources = rightsOf('production', '');

  it('are the system topics that nobody else has made, and all of them are watched', () => {
    const type = 'Microsoft.EventGrid/systemTopics';
    const shared = rightsOf('production', '', { topicsThere: topics });
    const none = { changes: { name: '', group: '' }, policies: { name: '', group: '' } };
    expect(namesOf(resources, type)).toEqual(['cordon-production-changes', 'cordon-production-policies']);
    expect(namesOf(rightsOf('production', '', { topicsThere: none }), type)).toEqual(namesOf(resources, type));
    expect(namesOf(shared, type)).toEqual(['cordon-production-changes']);
    const watched = of(shared, 'Microsoft.Insights/metricAlerts').flatMap(({ body }) =>
      at(body, 'properties', 'scopes'),
    );
    expect(watched).toEqual([
      expect.stringMatching(/\/resourceGroups\/cordon-production-sources\/.*\/cordon-production-changes$/),
      expect.stringMatching(/\/resourceGroups\/rg-theirs\/.*\/their-policies$/),
    ]);
    const { outputs } = deployBicep({
      name: 'subscription.bicep',
      params: {
        ...{ stage: 'production', location: 'westeurope', eventHubId: '/hub', actionGroupId: '/people' },
        ...{ readerPrincipalId: reader, topicsThere: topics },
      },
      read,
    });
    expect(outputs['topics']).toEqual(topics);
  });

  it('are alerts and recommendations, as they happen, sent under an identity', () => {
    const [automation] = of(resources, 'Microsoft.Security/automations');
    expect(at(automation?.body, 'properties')).toMatchObject({
      sources: [{ eventSource: 'Alerts' }, { eventSource: 'Assessments' }],
      actions: [{ actionType: 'EventHub', isTrustedServiceEnabled: true }],
    });
    expect(JSON.stringify(automation)).not.toMatch(/connectionString|Snapshot/);
  });

  it('raise an alarm when somebody takes them away', () => {
    const [alarm] = of(resources, 'Microsoft.Insights/activityLogAlerts');
    for (const operation of ['Microsoft.Security/automations/delete', 'Microsoft.EventGrid/eventSubscriptions/delete'])
      expect(JSON.stringify(alarm)).toContain(operation);
  });
});
