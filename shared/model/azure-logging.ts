import * as z from 'zod';

/** How a plan of Defender for Cloud is to be (learn.microsoft.com/rest/api/defenderforcloud/pricings/update). */
export const PlanBaseline = z.strictObject({
  /** As `P2` for servers; the plan whole where it is left out. */
  subPlan: z.string().min(1).exactOptional(),
  /** Extensions that are to be on or off, by name; the others are left to Azure. */
  extensions: z.record(z.string(), z.boolean()).exactOptional(),
});
export type PlanBaseline = z.infer<typeof PlanBaseline>;

const names = z.array(z.string().min(1)).default([]);

/** What is sent where (learn.microsoft.com/rest/api/monitor/diagnostic-settings/create-or-update). */
export const DiagnosticValue = z.strictObject({
  /** The Log Analytics workspace, by its id. */
  workspaceId: z.string().startsWith('/').exactOptional(),
  /** The authorization rule of an Event Hubs namespace, by its id, and the event hub in it. */
  eventHubAuthorizationRuleId: z.string().startsWith('/').exactOptional(),
  eventHubName: z.string().exactOptional(),
  /** Kept where it was set; Cordon itself puts nothing back that goes to a storage account. */
  storageAccountId: z.string().startsWith('/').exactOptional(),
  /** Those that are on: `Administrative`, `AuditEvent`. */
  categories: names,
  /** `audit`, `allLogs`. */
  categoryGroups: names,
  metrics: names,
});
export type DiagnosticValue = z.infer<typeof DiagnosticValue>;

/** One diagnostic setting as it is to be, on every resource below a scope that had one of this name. */
export const DiagnosticBaseline = DiagnosticValue.omit({ storageAccountId: true })
  .extend({
    /** A subscription, a resource group or a resource; the narrowest that fits counts. */
    scope: z.string().startsWith('/subscriptions/'),
    name: z.string().min(1),
  })
  .refine(
    ({ workspaceId, eventHubAuthorizationRuleId }) => (workspaceId ?? eventHubAuthorizationRuleId) !== undefined,
    {
      error: 'sends nothing anywhere: name a workspaceId or an eventHubAuthorizationRuleId',
    },
  );
export type DiagnosticBaseline = z.infer<typeof DiagnosticBaseline>;

/**
 * How the watching of Azure is to be. Of what was deleted or turned off nothing can be read any more, and the record of
 * the call does not say what was there: what is put back is what stands here.
 */
export const AzureLogging = z.strictObject({
  /** By the name of the plan, as `VirtualMachines`; one that is not named comes back whole. */
  defenderPlans: z.record(z.string(), PlanBaseline).default({}),
  diagnosticSettings: z.array(DiagnosticBaseline).max(200).default([]),
});
export type AzureLogging = z.infer<typeof AzureLogging>;
