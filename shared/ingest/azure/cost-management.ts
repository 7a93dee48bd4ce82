import * as z from 'zod';
import { SubscriptionId } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import { Instant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { armTarget } from './arm-target.ts';

/** A budget's notification in the common alert schema (learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema). */
const Message = z.object({
  data: z.object({
    essentials: z.object({ alertId: Text, description: Text, firedDateTime: Instant }),
    alertContext: z.object({
      AlertData: z.object({
        Scope: z.string(),
        ThresholdType: z.string().min(1),
        BudgetId: z.string().min(1),
        BudgetName: Text,
        BudgetThreshold: Text,
        NotificationThresholdAmount: z.string().min(1),
        SpentAmount: Text,
        ForecastedTotalForPeriod: Text,
      }),
    }),
  }),
});
type Message = z.infer<typeof Message>;

/** The subscription that a test of an action group names. */
const tested = '11111111-1111-1111-1111-111111111111';

const scopeForm = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/?$/i;

/** Each threshold of a budget tells once in a period, and again in the next; the shortest period is a month. */
function idOf({ essentials, alertContext: { AlertData: budget } }: Message['data']): string {
  const month = essentials.firedDateTime.slice(0, 'YYYY-MM'.length);
  return [budget.BudgetId, budget.ThresholdType, budget.NotificationThresholdAmount, month].join('/').toLowerCase();
}

function findingOf({ data }: Message, subscription: string, group: string | undefined): Reading {
  const { essentials, alertContext } = data;
  const { AlertData: budget } = alertContext;
  const { BudgetName: name = budget.BudgetId, SpentAmount, ForecastedTotalForPeriod } = budget;
  const spent = ForecastedTotalForPeriod ?? SpentAmount ?? 'an unknown amount';
  const account = subscription.toLowerCase();
  const whole = `/subscriptions/${subscription}`;
  return found({
    id: idOf(data),
    provider: 'cost-management',
    cloud: 'azure',
    type: `Budget/${budget.ThresholdType}`,
    title: `Budget ${name}: ${spent} of ${budget.BudgetThreshold ?? 'an unknown amount'}`,
    description: essentials.description ?? '',
    severity: 'Unknown',
    severityOriginal: '',
    status: 'new',
    account,
    region: '',
    createdAt: essentials.firedDateTime,
    updatedAt: essentials.firedDateTime,
    count: 1,
    sample: account === tested,
    snapshot: false,
    resources: [
      armTarget(whole, 'affected', account),
      ...(group === undefined ? [] : [armTarget(`${whole}/resourceGroups/${group}`, 'related', account)]),
    ],
    link: { budgetId: budget.BudgetId, ...(essentials.alertId && { alertId: essentials.alertId }) },
  });
}

const remedy = 'Send the notification of a budget by an action group, with the common alert schema turned on.';

/** Budgets of Azure Cost Management: the only push path that it has. */
export const costManagement: Source = {
  id: 'cost-management',
  title: 'Cost Management budgets',
  delivery:
    'Budget, action group with the common alert schema (monitoringService CostAlerts). Anomaly alerts of Cost Management are sent by e-mail only and cannot be received',
  identity: 'the id of the budget, the threshold that was passed, and the month',
  confirm: 'channel',
  sampleMarker: `the subscription ${tested}, which tests of action groups name`,
  forgeable: ['finding.title', 'finding.description'],
  reference: 'https://learn.microsoft.com/azure/cost-management-billing/costs/tutorial-acm-create-budgets',

  envelopes: ['monitor/costalerts'],

  read(event) {
    const schema = own(event, 'schemaId');
    if (typeof schema === 'string' && schema.toLowerCase() === 'aip budget notification')
      return malformed('schemaId: a notification without the common alert schema says no time.', remedy);
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { Scope: scope } = message.data.data.alertContext.AlertData;
    const [, subscription, group] = scopeForm.exec(scope) ?? [];
    if (subscription === undefined)
      return ignored(`The budget is of ${quoted(scope)}, which is not a subscription nor a part of one.`);
    if (!SubscriptionId.safeParse(subscription).success)
      return malformed(`alertContext.AlertData.Scope: ${quoted(scope)} names no subscription.`, remedy);
    return findingOf(message.data, subscription, group);
  },
};
