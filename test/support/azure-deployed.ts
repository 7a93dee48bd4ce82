import { readFileSync } from 'node:fs';
import { isObject, type Json, type JsonObject } from '../../shared/model/json.ts';
import { type Deployed, deployBicep } from './bicep-deploy.ts';

const folder = new URL('../../functions/azure/deploy/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const deploy = (name: string, params: JsonObject): readonly Deployed[] => deployBicep({ name, params, read }).resources;

const topics = {
  changes: { name: 'cordon-production-changes', group: 'rg-sources' },
  policies: { name: 'policies-of-another', group: 'rg-other' },
};
const people = { stage: 'production', alertEmails: ['secops@northwind.example'], apiAudience: 'api' };
const fromAws = { issuer: 'https://issuer.example', roles: 'arn:aws:iam::999988887777:role/cordon-production' };
const asked = { ...people, defenderPrincipalId: 'defender', enforce: true };
const app = deploy('app.bicep', { ...asked, relay: true, signals: true, outcomes: true, fromAws });
const forwarding = deploy('app.bicep', { ...asked, forwardTo: 'event-bus:arn', fromAws });
const delivered = { functionAppId: '/sites/cordon', deadLetterAccountId: '/accounts/dead' };
const own = deploy('topic-events.bicep', {
  malwareTopicName: 'malware',
  forwardedTopicName: 'forwarded',
  ...delivered,
});
const system = deploy('subscription-events.bicep', { stage: 'production', topics, ...delivered });
const sources = deploy('subscription.bicep', {
  ...{ stage: 'production', location: 'westeurope', eventHubId: '/hub', actionGroupId: '/people' },
  ...{ readerPrincipalId: 'reader', topicsThere: topics },
});

/** The resources of a type. */
export const of = (resources: readonly Deployed[], type: string): readonly Deployed[] =>
  resources.filter((one) => one.type === type);
/** What stands at a path. */
export const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((found, key) => {
    if (Array.isArray(found)) return found[Number(key)];
    return isObject(found) ? (found[key] as Json | undefined) : undefined; // JSON inside of JSON
  }, value);
const subscriptions = [...own, ...system].filter(({ type }) => type.endsWith('/eventSubscriptions'));
const rules = of(app, 'Microsoft.Insights/scheduledQueryRules').map(({ name, body }) => ({
  name,
  query: String(at(body, 'properties', 'criteria', 'allOf', 0, 'query')),
  allOf: at(body, 'properties', 'criteria', 'allOf', 0),
}));
const queryOf = (name: string): string => rules.find((one) => one.name === `cordon-production-${name}`)?.query ?? '';

/** The Bicep as production would deploy it with everything there is, and as an app that hands its events on. */
export const deployed = { app, forwarding, own, system, sources, subscriptions, rules, queryOf };
