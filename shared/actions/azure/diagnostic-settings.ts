import * as z from 'zod';
import type { DiagnosticValue } from '../../model/azure-logging.ts';
import type { AzureSession } from './azure-action.ts';
import { listArm } from './arm-resource.ts';
import { unlessAbsent } from './fault.ts';

/** What the places that logs of a resource are sent to are to ARM. */
export const diagnosticType = 'Microsoft.Insights/diagnosticSettings';

const Log = z.looseObject({
  category: z.string().nullish(),
  categoryGroup: z.string().nullish(),
  enabled: z.boolean(),
});
const text = z.string().nullish();

/** A setting as ARM shows it (learn.microsoft.com/rest/api/monitor/diagnostic-settings/get). */
const Setting = z.looseObject({
  name: z.string(),
  properties: z.looseObject({
    workspaceId: text,
    storageAccountId: text,
    eventHubAuthorizationRuleId: text,
    eventHubName: text,
    logs: z.array(Log).nullish(),
    metrics: z.array(Log).nullish(),
  }),
});
type Setting = z.infer<typeof Setting>;

export const diagnostics = { apiVersion: '2021-05-01-preview', shape: Setting } as const;

export const diagnosticId = (scope: string, name: string): string => `${scope}/providers/${diagnosticType}/${name}`;

const sorted = (names: readonly (string | null | undefined)[]): string[] =>
  names.filter((name) => name !== null && name !== undefined).sort();

/** A setting in the words of the baseline: what is on, and where it goes. ARM also lists what is off. */
export function settingValue({ properties }: Setting): DiagnosticValue {
  const on = (list: Setting['properties']['logs']) => (list ?? []).filter(({ enabled }) => enabled);
  const { workspaceId, storageAccountId, eventHubAuthorizationRuleId, eventHubName } = properties;
  return {
    ...(workspaceId && { workspaceId }),
    ...(storageAccountId && { storageAccountId }),
    ...(eventHubAuthorizationRuleId && { eventHubAuthorizationRuleId }),
    ...(eventHubName && { eventHubName }),
    categories: sorted(on(properties.logs).map(({ category }) => category)),
    categoryGroups: sorted(on(properties.logs).map(({ categoryGroup }) => categoryGroup)),
    metrics: sorted(on(properties.metrics).map(({ category }) => category)),
  };
}

/** The settings on a subscription or a resource; undefined where that itself is gone. */
export const listDiagnostics = (
  azure: AzureSession,
  scope: string,
  signal: AbortSignal,
): Promise<readonly Setting[] | undefined> =>
  unlessAbsent(() => listArm(azure, diagnostics, `${scope}/providers/${diagnosticType}`, signal));

/** Of these the one of a name, whose case nobody keeps. */
export const named = (settings: readonly Setting[], name: string): Setting | undefined =>
  settings.find((one) => one.name.toLowerCase() === name.toLowerCase());
