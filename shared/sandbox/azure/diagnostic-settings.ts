import * as z from 'zod';
import type { JsonObject } from '../../model/json.ts';
import { table, type View } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation, Need } from './operation.ts';
import { resources } from './rows.ts';

const type = 'Microsoft.Insights/diagnosticSettings';

/** Of the Activity Log (learn.microsoft.com/azure/azure-monitor, "Azure Activity Log event schema"). */
const activityCategories = [
  ...['Administrative', 'Security', 'ServiceHealth', 'Alert'],
  ...['Recommendation', 'Policy', 'Autoscale', 'ResourceHealth'],
];
const mostSettings = 5;

const id = z.string().startsWith('/').nullish();
const Log = z.looseObject({
  category: z.string().nullish(),
  categoryGroup: z.string().nullish(),
  enabled: z.boolean(),
});
const Properties = z.looseObject({
  workspaceId: id,
  storageAccountId: id,
  eventHubAuthorizationRuleId: id,
  eventHubName: z.string().nullish(),
  logs: z.array(Log).nullish(),
  metrics: z.array(Log).nullish(),
});
type Properties = z.output<typeof Properties>;
type Setting = { readonly scope: string; readonly name: string; readonly properties: Properties };

/** Keyed by the id in lower case. */
export const diagnosticSettings = table<Setting>('azure.monitor.diagnostic-settings');

const idOf = (scope: string, name: string): string => `${scope}/providers/${type}/${name}`;
const keyOf = (scope: string, name: string): string => idOf(scope, name).toLowerCase();

const on = (view: View, scope: string): readonly Setting[] =>
  view
    .all(diagnosticSettings)
    .map(([, one]) => one)
    .filter((one) => one.scope.toLowerCase() === scope.toLowerCase());

const enabled = (list: Properties['logs']): readonly z.output<typeof Log>[] =>
  (list ?? []).filter((one) => one.enabled);

/** Whether what happens at a scope is sent anywhere: what an attacker makes sure that it is not. */
export const isSent = (view: View, scope: string): boolean =>
  on(view, scope).some(({ properties }) => enabled(properties.logs).length > 0);

/** As ARM shows it: places that are not used are null, and on a subscription what is off is listed too. */
function onWire({ scope, name, properties }: Setting): JsonObject {
  const { logs, metrics, ...places } = properties;
  const listed = (logs ?? []).map(({ category = null, categoryGroup = null, enabled: is }) => ({
    category,
    categoryGroup,
    enabled: is,
  }));
  const named = listed.map(({ category }) => category);
  const off = /^\/subscriptions\/[^/]+$/i.test(scope) ? activityCategories.filter((one) => !named.includes(one)) : [];
  const none = { workspaceId: null, storageAccountId: null, eventHubAuthorizationRuleId: null, eventHubName: null };
  return {
    id: idOf(scope, name).toLowerCase(),
    name,
    type,
    properties: {
      ...none,
      ...(places as JsonObject), // JSON, as the request had it
      logs: [...listed, ...off.map((category) => ({ category, categoryGroup: null, enabled: false }))],
      metrics: (metrics ?? []).map(({ category = null, enabled: is }) => ({ category, enabled: is })),
    },
  };
}

/** What the settings are on: the path up to them, which has to be there. */
function scopeIn({ url, view }: AzureCall): string {
  const [scope = ''] = decodeURIComponent(url.pathname).split(/\/providers\/Microsoft\.Insights\/diagnosticSettings/i);
  const isSubscription = /^\/subscriptions\/[^/]+$/i.test(scope);
  if (!isSubscription && !view.get(resources, scope.toLowerCase()))
    throw new AzureFault(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`);
  return scope;
}

const sinksOf = ({ workspaceId, storageAccountId, eventHubAuthorizationRuleId }: Properties): readonly string[] =>
  [workspaceId, storageAccountId, eventHubAuthorizationRuleId].filter((one) => typeof one === 'string');

const categoriesOf = ({ logs }: Properties): readonly string[] =>
  enabled(logs).flatMap(({ category, categoryGroup }) => category ?? categoryGroup ?? []);

/** What Azure refuses (learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings, "Limitations"). */
function check(call: AzureCall, { scope, name, properties }: Setting): void {
  const bad = (message: string) => new AzureFault(400, 'BadRequest', message);
  const others = on(call.world.rows, scope).filter((one) => one.name.toLowerCase() !== name.toLowerCase());
  if (sinksOf(properties).length === 0) throw bad('At least one data sink needs to be specified.');
  if (others.length >= mostSettings) throw bad(`The limit of ${mostSettings} diagnostic settings was reached.`);
  const { workspaceId } = properties;
  if (workspaceId && !call.world.rows.get(resources, workspaceId.toLowerCase()))
    throw new AzureFault(404, 'ResourceNotFound', `The Resource '${workspaceId}' was not found.`);
  const wanted = categoriesOf(properties);
  const unknown = wanted.find((one) => /^\/subscriptions\/[^/]+$/i.test(scope) && !activityCategories.includes(one));
  if (unknown !== undefined) throw bad(`Category '${unknown}' is not supported.`);
  for (const other of others)
    for (const sink of sinksOf(other.properties))
      if (sinksOf(properties).includes(sink) && categoriesOf(other.properties).some((one) => wanted.includes(one)))
        throw new AzureFault(
          409,
          'Conflict',
          `Data sink '${sink}' is already used in diagnostic setting '${other.name}'.`,
        );
}

const bodyIn = ({ body }: AzureCall): Properties => z.looseObject({ properties: Properties }).parse(body).properties;

/** Rights on the places that logs are sent to: what opens them is handed out. */
function links(call: AzureCall): Need[] {
  const { workspaceId, storageAccountId, eventHubAuthorizationRuleId } = bodyIn(call);
  const need = (action: string, scope: string | null | undefined): Need[] => (scope ? [{ action, scope }] : []);
  return [
    ...need('Microsoft.OperationalInsights/workspaces/sharedKeys/action', workspaceId),
    ...need('Microsoft.EventHub/namespaces/authorizationRules/listkeys/action', eventHubAuthorizationRuleId),
    ...need('Microsoft.Storage/storageAccounts/listKeys/action', storageAccountId),
  ];
}

const nameIn = ({ params }: AzureCall): string => params['setting'] ?? '';
const itself =
  (verb: string) =>
  (call: AzureCall): Need => ({ action: `${type}/${verb}`, scope: scopeIn(call) });

/** The operations on the settings of one form of scope. */
const operationsOn = (scope: string): readonly AzureOperation[] => [
  {
    host: 'arm',
    method: 'GET',
    path: `${scope}/providers/${type}`,
    operation: `${type}/read`,
    reads: true,
    needs: (call) => [itself('read')(call)],
    does: (call) => ({ status: 200, body: { value: on(call.view, scopeIn(call)).map(onWire) } }),
  },
  {
    host: 'arm',
    method: 'PUT',
    path: `${scope}/providers/${type}/{setting}`,
    operation: `${type}/write`,
    reads: false,
    needs: (call) => [itself('write')(call), ...links(call)],
    does(call) {
      const setting: Setting = { scope: scopeIn(call), name: nameIn(call), properties: bodyIn(call) };
      check(call, setting);
      call.world.rows.put(diagnosticSettings, keyOf(setting.scope, setting.name), setting);
      return { status: 200, body: onWire(setting) };
    },
  },
  {
    host: 'arm',
    method: 'DELETE',
    path: `${scope}/providers/${type}/{setting}`,
    operation: `${type}/delete`,
    reads: false,
    needs: (call) => [itself('delete')(call)],
    does(call) {
      const key = keyOf(scopeIn(call), nameIn(call));
      const there = call.world.rows.get(diagnosticSettings, key) !== undefined;
      call.world.rows.delete(diagnosticSettings, key);
      return { status: there ? 200 : 204 };
    },
  },
];

/** Where logs are sent to (learn.microsoft.com/rest/api/monitor/diagnostic-settings), of a subscription or a resource. */
export const diagnostics = azureNoun({
  name: 'diagnosticSettings',
  scope: 'subscription',
  estate: z
    .array(
      z.strictObject({
        /** The subscription itself where it is left out. */
        resourceId: z.string().optional(),
        name: z.string(),
        properties: Properties,
      }),
    )
    .default([]),
  seed(rows, list, { subscription }) {
    for (const { resourceId: scope = `/subscriptions/${subscription}`, name, properties } of list)
      rows.put(diagnosticSettings, keyOf(scope, name), { scope, name, properties });
  },
  operations: [
    ...operationsOn('/subscriptions/{subscription}'),
    ...operationsOn('/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{kind}/{resource}'),
  ],
});
