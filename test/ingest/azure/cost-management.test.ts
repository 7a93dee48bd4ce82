import { describe, expect, test } from 'vitest';
import { costManagement } from '../../../shared/ingest/azure/cost-management.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { envelopeNames } from '../../../shared/ingest/envelope.ts';
import type { Json } from '../../../shared/model/json.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const budget = readEvent('cost-management/budget-exceeded');
const at = (name: string): string => `data.alertContext.AlertData.${name}`;
const findingIn = (event: Json): Finding | undefined => {
  const reading = costManagement.read(event);
  return reading.kind === 'findings' ? reading.findings[0] : undefined;
};

describe('a budget that was passed', () => {
  test('is about its subscription', () => {
    expect(findingIn(budget)).toEqual({
      id: `/subscriptions/${subscription}/providers/microsoft.consumption/budgets/northwind-production/actual/$8,000.00/2026-11`,
      provider: 'cost-management',
      cloud: 'azure',
      type: 'Budget/Actual',
      title: 'Budget northwind-production: $11,111.00 of $10,000.00',
      description:
        'Your spend for budget northwind-production is now $11,111.00 exceeding your specified threshold $8,000.00.',
      severity: 'Unknown',
      severityOriginal: '',
      status: 'new',
      account: subscription,
      region: '',
      createdAt: '2026-11-20T06:13:20.645Z',
      updatedAt: '2026-11-20T06:13:20.645Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'azure.subscription',
          id: `/subscriptions/${subscription}`,
          name: subscription,
          account: subscription,
          region: '',
          role: 'affected',
        },
      ],
      link: {
        budgetId: `/subscriptions/${subscription}/providers/Microsoft.Consumption/budgets/northwind-production`,
        alertId: `/subscriptions/${subscription}/providers/Microsoft.CostManagement/alerts/0a1b2c3d-0000-4000-8000-00000000fc01`,
      },
    });
  });

  test('is told again in the next month, and apart for each threshold', () => {
    const next = withMembers(budget, { 'data.essentials.firedDateTime': '2026-12-03T00:00:00Z' });
    const forecast = withMembers(budget, {
      [at('ThresholdType')]: 'Forecasted',
      [at('ForecastedTotalForPeriod')]: '$1',
    });
    const ids = [budget, next, forecast].map((event) => findingIn(event)?.id);
    expect(new Set(ids).size).toBe(3);
    expect(findingIn(forecast)).toMatchObject({ type: 'Budget/Forecasted', title: expect.stringContaining('$1 of') });
  });

  test('of a resource group is about the subscription, with the group beside it', () => {
    const { resources } =
      findingIn(withMembers(budget, { [at('Scope')]: `/subscriptions/${subscription}/resourceGroups/rg-web` })) ?? {};
    expect(resources).toMatchObject([
      { type: 'azure.subscription', role: 'affected' },
      { type: 'other', role: 'related', name: 'rg-web' },
    ]);
  });

  test('is a sample where an action group is tried out', () => {
    const tried = '/subscriptions/11111111-1111-1111-1111-111111111111/';
    expect(findingIn(withMembers(budget, { [at('Scope')]: tried }))?.sample).toBe(true);
  });

  test('is known by its envelope in both schemas', () => {
    expect(envelopeNames(budget)).toContain('monitor/costalerts');
    expect(envelopeNames({ schemaId: 'AIP Budget Notification', data: {} })).toEqual(['monitor/costalerts']);
  });
});

describe('what is no budget of a subscription says why', () => {
  test.each<[Json, object]>([
    [
      withMembers(budget, { [at('Scope')]: '/providers/Microsoft.Billing/billingAccounts/1' }),
      { kind: 'ignored', reason: expect.stringContaining('not a subscription nor a part of one.') },
    ],
    [
      withMembers(budget, { [at('Scope')]: '/subscriptions/x/' }),
      { kind: 'malformed', problem: expect.stringContaining('names no subscription.') },
    ],
    [
      { schemaId: 'AIP Budget Notification', data: { SubscriptionId: subscription } },
      { kind: 'malformed', problem: expect.stringContaining('says no time.') },
    ],
    [withMembers(budget, { [at('BudgetId')]: 7 }), { kind: 'malformed', problem: expect.stringContaining('BudgetId') }],
    [
      withMembers(budget, { 'data.essentials.firedDateTime': 'noon' }),
      { kind: 'malformed', problem: expect.stringContaining('firedDateTime') },
    ],
  ])('%#', (event, reading) => {
    expect(costManagement.read(event)).toMatchObject(reading);
  });
});
