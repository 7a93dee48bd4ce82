import * as z from 'zod';
import { listArm, readArm } from '../../../shared/actions/azure/arm-resource.ts';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import type { Lines } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { alertFaults, alertRights } from './alert-rules.ts';
import { type Look, seen } from './asking.ts';
import { faultOf, gridVersion } from './event-subscriptions.ts';
import { type AzureHome, partsOfHome, redeploy, sameId } from './home-parts.ts';

const grant = 'Grant it to the reader: `cordon policy azure` prints its roles.';

/** Where one subscription is looked at, as the reader sees it. */
type Seeing = {
  readonly azure: AzureSession;
  readonly home: AzureHome;
  readonly lines: Lines;
  readonly patience: Patience;
};

const groupOf = ({ azure, home }: Seeing): string =>
  `/subscriptions/${azure.subscription}/resourceGroups/cordon-${home.stage}-sources`;

/** learn.microsoft.com/rest/api/defenderforcloud/automations/get */
const automation = {
  apiVersion: '2023-12-01-preview',
  shape: z.object({
    properties: z.object({
      isEnabled: z.boolean().default(true),
      actions: z.array(z.object({ eventHubResourceId: z.string().nullish() })).default([]),
    }),
  }),
};

async function exportLines(seeing: Seeing): Promise<readonly Examined[]> {
  const { azure, home, lines, patience } = seeing;
  const name = `cordon-${home.stage}`;
  const { hub } = partsOfHome(home).hub;
  const id = `${groupOf(seeing)}/providers/Microsoft.Security/automations/${name}`;
  const found = await readArm(azure, automation, id, patience());
  const leads = found?.properties.actions.some(({ eventHubResourceId }) => sameId(eventHubResourceId ?? '', hub));
  const fault = (what: string) => [
    lines.missing(`continuous export ${name} ${what}: alerts of Defender for Cloud do not come`, redeploy),
  ];
  if (!found) return fault('is not there');
  if (!found.properties.isEnabled) return fault('is switched off');
  return leads ? [lines.ok(`continuous export ${name} leads to the hub of this deployment`)] : fault('leads elsewhere');
}

/** The system topics that a subscription has one each of, whoever made it. */
const kinds = [
  { topicType: 'Microsoft.Resources.Subscriptions', tells: 'changes' },
  { topicType: 'Microsoft.PolicyInsights.PolicyStates', tells: 'violated policies' },
] as const;
const systemTopic = {
  apiVersion: gridVersion,
  shape: z.object({ id: z.string(), properties: z.object({ topicType: z.string().nullish() }) }),
};

async function topicLines({ azure, home, lines, patience }: Seeing): Promise<readonly Examined[]> {
  const path = `/subscriptions/${azure.subscription}/providers/Microsoft.EventGrid/systemTopics`;
  const topics = await listArm(azure, systemTopic, path, patience());
  const wrong: Examined[] = [];
  for (const { topicType, tells } of kinds) {
    const topic = topics.find(({ properties }) => sameId(properties.topicType ?? '', topicType))?.id;
    const leadsTo = `${home.app}/functions/on-event-grid`;
    const fault =
      topic === undefined
        ? `there is no system topic of ${topicType}`
        : await faultOf(azure, { topic, subscription: `cordon-${home.stage}`, leadsTo }, patience);
    if (fault) wrong.push(lines.missing(`${fault}: ${tells} are not heard of`, redeploy));
  }
  return wrong.length > 0 ? wrong : [lines.ok(`${kinds.length} system topics deliver to this deployment`)];
}

/** The rules of sources.bicep. */
async function alertLines(seeing: Seeing): Promise<readonly Examined[]> {
  const { azure, home, lines, patience } = seeing;
  const name = (rest: string) => `cordon-${home.stage}-${rest}`;
  const rules = {
    metricAlerts: [name('changes-dead-letters'), name('policies-dead-letters')],
    activityLogAlerts: [name('cut-off')],
  };
  const faults = await alertFaults(azure, groupOf(seeing), rules, patience);
  if (faults.length > 0) return faults.map((fault) => lines.missing(`${fault}: nobody is told of it`, redeploy));
  return [lines.ok(`${Object.values(rules).flat().length} alert rules are on`)];
}

/** Whether what sources.bicep and subscription-events.bicep make in one subscription leads to this deployment. */
export async function homeSourceLines(
  azure: AzureSession,
  home: AzureHome,
  lines: Lines,
  patience: Patience,
): Promise<readonly Examined[]> {
  const seeing = { azure, home, lines, patience };
  const grid = 'Microsoft.EventGrid/systemTopics';
  const topics = [`${grid}/eventSubscriptions/read`, `${grid}/read`];
  const looks: readonly Look[] = [
    { what: 'Continuous export', rights: ['Microsoft.Security/automations/read'], see: () => exportLines(seeing) },
    { what: 'Where system topics lead', rights: topics, see: () => topicLines(seeing) },
    { what: 'The alert rules', rights: alertRights, see: () => alertLines(seeing) },
  ];
  const all: Examined[] = [];
  for (const look of looks) all.push(...(await seen(look, lines, grant)));
  return all;
}
