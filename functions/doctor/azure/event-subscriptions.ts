import * as z from 'zod';
import { readArm } from '../../../shared/actions/azure/arm-resource.ts';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import type { Patience } from '../patience.ts';
import { nameOf, sameId } from './home-parts.ts';

/** The API version of topics and of their event subscriptions. */
export const gridVersion = '2025-02-15';

/** As far as it tells where events go (learn.microsoft.com/rest/api/eventgrid/controlplane/topic-event-subscriptions/get). */
const EventSubscription = {
  apiVersion: gridVersion,
  shape: z.object({
    properties: z.object({
      destination: z.object({ properties: z.object({ resourceId: z.string().nullish() }).nullish() }).nullish(),
    }),
  }),
};
const Topic = { apiVersion: gridVersion, shape: z.object({ id: z.string() }) };

/** A topic by its id, the event subscription on it, and the function that its events go to. */
export type Delivery = { readonly topic: string; readonly subscription: string; readonly leadsTo: string };

/** What keeps the events of a topic from its function; nothing where they come. Throws what is no answer. */
export async function faultOf(
  azure: AzureSession,
  { topic, subscription, leadsTo }: Delivery,
  patience: Patience,
): Promise<string | undefined> {
  const of = `event subscription ${subscription} of topic ${nameOf(topic)}`;
  if (!(await readArm(azure, Topic, topic, patience()))) return `topic ${nameOf(topic)} is not there`;
  const found = await readArm(azure, EventSubscription, `${topic}/eventSubscriptions/${subscription}`, patience());
  if (!found) return `${of} is not there`;
  const where = found.properties.destination?.properties?.resourceId ?? '';
  return sameId(where, leadsTo) ? undefined : `${of} leads somewhere else`;
}
