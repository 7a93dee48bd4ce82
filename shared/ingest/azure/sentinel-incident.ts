import * as z from 'zod';
import { OptionalInstant, Text } from '../shape.ts';

/** Where an incident is read again: nothing but an incident of one workspace, for the SDK sends the id as it is. */
export const IncidentId = z
  .string()
  .regex(
    /^\/subscriptions\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/(?!\.+\/)[\w.()-]{1,90}\/providers\/Microsoft\.OperationalInsights\/workspaces\/[\w-]{1,63}\/providers\/Microsoft\.SecurityInsights\/incidents\/[\w-]{1,100}$/i,
    'the resource id of an incident',
  );

const Alert = z.object({
  properties: z
    .object({
      systemAlertId: Text,
      productName: Text,
      alertType: Text,
      alertDisplayName: Text,
    })
    .nullish(),
});

/** An entity as Sentinel has mapped it (learn.microsoft.com/azure/sentinel/entities-reference). */
export const Entity = z.object({
  id: Text,
  kind: Text,
  properties: z
    .object({
      friendlyName: Text,
      accountName: Text,
      upnSuffix: Text,
      ntDomain: Text,
      aadUserId: Text,
      aadTenantId: Text,
      hostName: Text,
      azureID: Text,
      resourceId: Text,
      address: Text,
      appName: Text,
    })
    .nullish(),
});
export type Entity = z.infer<typeof Entity>;

/** An incident (learn.microsoft.com/rest/api/securityinsights/incidents) with what a playbook's trigger adds to it. */
export const Incident = z.object({
  id: IncidentId,
  name: Text,
  properties: z.object({
    title: z.string().min(1),
    description: Text,
    severity: Text,
    status: z.string(),
    classification: Text,
    incidentNumber: z.int(),
    incidentUrl: Text,
    providerName: Text,
    createdTimeUtc: OptionalInstant,
    firstActivityTimeUtc: OptionalInstant,
    lastActivityTimeUtc: OptionalInstant,
    lastModifiedTimeUtc: OptionalInstant,
    additionalData: z.object({ alertProductNames: z.array(z.string()).nullish() }).nullish(),
    alerts: z.array(Alert).nullish(),
    relatedEntities: z.array(Entity).nullish(),
  }),
});
export type Incident = z.infer<typeof Incident>;

/** The body that an automation rule hands to a playbook. */
export const Message = z.object({ objectSchemaType: z.string(), objectEventType: Text, object: Incident });
