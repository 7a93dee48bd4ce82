import type { JsonObject } from '../../shared/model/json.ts';
import { appWith, readBicep } from './azure-app.ts';
import { type Deployed, type Deployment, deployBicep } from './bicep-deploy.ts';
import { readerPrincipal, subscription } from './company.ts';

const stage = 'production';

/** The ARM id that a resource would have; its parent is the last of that name that was deployed before it. */
function idOf(all: readonly Deployed[], one: Deployed): string {
  const [kind = '', ...above] = one.type.split('/').reverse();
  const parent = all.slice(0, all.indexOf(one)).findLast(({ type, name }) => {
    return name === one.above && type === above.toReversed().join('/');
  });
  if (parent) return `${idOf(all, parent)}/${kind}/${one.name}`;
  return `/subscriptions/${subscription}/resourceGroups/${one.group}/providers/${one.type}/${one.name}`;
}

/** All that deploy.sh deploys, as the templates have it: the id of the app, and each resource with its own. */
export function deployedBy(asked: JsonObject) {
  const app = appWith(asked);
  const known = app.resources;
  const idOfType = (type: string, wanted: (one: Deployed) => boolean = () => true) => {
    const found = known.find((one) => one.type === type && wanted(one));
    if (!found) throw new Error(`no ${type} is deployed`);
    return idOf(known, found);
  };
  const functionAppId = idOfType('Microsoft.Web/sites');
  const deadLetterAccountId = idOfType('Microsoft.Storage/storageAccounts', ({ name }) => /dead/.test(name));
  const eventHubId = idOfType('Microsoft.EventHub/namespaces/eventhubs', ({ name }) => name === 'defender');
  const deploy = (name: string, params: JsonObject): Deployment => deployBicep({ name, params, read: readBicep });
  const one = deploy('subscription.bicep', {
    ...{ stage, eventHubId, location: 'westeurope' },
    ...{ actionGroupId: idOfType('Microsoft.Insights/actionGroups'), readerPrincipalId: readerPrincipal },
  });
  const places = { functionAppId, deadLetterAccountId };
  const events = deploy('subscription-events.bicep', { stage, ...places, topics: one.outputs['topics'] ?? null });
  const own = deploy('topic-events.bicep', {
    ...places,
    malwareTopicName: app.outputs['malwareTopicName'] ?? '',
    forwardedTopicName: app.outputs['forwardedTopicName'] ?? '',
  });
  const all = [app, one, events, own].flatMap(({ resources: made }) => made);
  return { app: functionAppId, made: all.map((each) => ({ ...each, id: idOf(all, each) })) };
}
