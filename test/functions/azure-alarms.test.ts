import { describe, expect, it } from 'vitest';
import { at, deployed, of } from '../support/azure-deployed.ts';
import type { Deployed } from '../support/bicep-deploy.ts';

const { app, forwarding, own, system, sources, subscriptions, rules, queryOf } = deployed;

describe('a topic or hub on Azure', () => {
  const alarms = [...of(app, 'Microsoft.Insights/metricAlerts'), ...of(sources, 'Microsoft.Insights/metricAlerts')];
  const alarmOn = (name: string) => alarms.filter((one) => one.name === `cordon-production-${name}`);

  it.each([
    ['malware', '<malware.id>'],
    ['forwarded', '<forwarded.id>'],
    ['changes', /rg-sources\/.*\/systemTopics\/cordon-production-changes$/],
    ['policies', /rg-other\/.*\/systemTopics\/policies-of-another$/],
  ])('that a function listens to keeps what it cannot deliver, and raises an alarm: %s', (name, scope) => {
    const [alarm, ...more] = alarmOn(`${name}-dead-letters`);
    expect(more).toEqual([]);
    expect(String(at(alarm?.body, 'properties', 'scopes', 0))).toMatch(scope);
    expect(at(alarm?.body, 'properties', 'criteria', 'allOf')).toMatchObject([
      { metricName: 'DeadLetteredCount', operator: 'GreaterThan', threshold: 0, timeAggregation: 'Total' },
    ]);
  });

  it('is none but those four: each event subscription has dead letters', () => {
    expect(subscriptions).toHaveLength(4);
    for (const { body } of subscriptions)
      expect(JSON.stringify(body)).toMatch(/deadLetter\w+":\{.*"blobContainerName":"cordon-dead-letters"/);
  });

  it.each(['hub', 'signals'])('raises an alarm when nobody reads: %s', (name) => {
    const [alarm] = alarmOn(`${name}-standstill`);
    expect(at(alarm?.body, 'properties', 'criteria', 'allOf')).toMatchObject([
      { metricName: 'IncomingMessages', operator: 'GreaterThan', threshold: 0, timeAggregation: 'Total' },
      { metricName: 'OutgoingMessages', operator: 'LessThan', threshold: 1, timeAggregation: 'Total' },
    ]);
    expect(of(app, 'Microsoft.EventHub/namespaces')).toHaveLength(2);
  });
});

describe('an alarm on Azure', () => {
  it('tells of rounds that do not happen, in a home and nowhere else', () => {
    expect(queryOf('rounds-missing')).toBe(
      'AppRequests | where Name == "on-schedule" and Success == true | summarize Rounds = count() | where Rounds == 0',
    );
    const named = (resources: readonly Deployed[]) =>
      of(resources, 'Microsoft.Insights/scheduledQueryRules').filter(({ name }) => name.endsWith('-rounds-missing'));
    expect(named(app)).toHaveLength(1);
    expect(named(forwarding)).toEqual([]);
  });

  it('tells of each metric by itself, so that one that lasts hides no other', () => {
    const [rule] = rules.filter(({ query }) => query.includes('AppMetrics'));
    expect(rule?.query).toMatch(/\| extend Metric = trim\(" ", strcat\(Name, " ", tostring\(Properties\.cloud\)\)\)$/);
    expect(at(rule?.allOf, 'dimensions')).toEqual([{ name: 'Metric', operator: 'Include', values: ['*'] }]);
  });

  it('tells of what the home in the other cloud will never take, and of what the relay gives up', () => {
    for (const line of ['an event is kept and not handed on', 'an alert is not relayed'])
      expect(queryOf('never-taken')).toContain(`Message has "${line}"`);
  });

  const watched = (resources: readonly Deployed[], name: string) => {
    const [alarm] = of(resources, 'Microsoft.Insights/activityLogAlerts').filter((one) => one.name.endsWith(name));
    return {
      scopes: at(alarm?.body, 'properties', 'scopes'),
      operations: JSON.stringify(at(alarm?.body, 'properties', 'condition')),
    };
  };

  it('tells of each way in of the home that somebody takes away or narrows', () => {
    const { scopes, operations } = watched(app, '-home-cut-off');
    expect(scopes).toEqual([expect.stringMatching(/\/resourceGroups\/rg-cordon$/)]);
    const made = [
      'Microsoft.EventGrid/topics',
      'Microsoft.EventHub/namespaces',
      'Microsoft.EventHub/namespaces/eventhubs',
    ];
    for (const type of [...made, 'Microsoft.EventHub/namespaces/eventhubs/consumergroups', 'Microsoft.Web/sites']) {
      expect(of(app, type)).not.toEqual([]);
      expect(operations).toContain(`"${type}/delete"`);
    }
    for (const { type } of own.filter((one) => one.type.endsWith('/eventSubscriptions')))
      for (const verb of ['write', 'delete']) expect(operations).toContain(`"${type}/${verb}"`);
    for (const type of ['scheduledQueryRules', 'metricAlerts', 'activityLogAlerts', 'actionGroups'])
      expect(operations).toContain(`"Microsoft.Insights/${type}/delete"`);
  });

  it('tells of each source of a subscription that somebody takes away or narrows', () => {
    const { scopes, operations } = watched(sources, '-production-cut-off');
    expect(scopes).toEqual([expect.stringMatching(/^\/subscriptions\/[0-9a-f-]+$/)]);
    const narrowed = ['Microsoft.Security/automations', 'Microsoft.EventGrid/eventSubscriptions'];
    for (const type of [...narrowed, ...system.map((one) => one.type)])
      for (const verb of ['write', 'delete']) expect(operations).toContain(`"${type}/${verb}"`);
    expect(operations).toContain('"Microsoft.EventGrid/systemTopics/delete"');
  });
});
