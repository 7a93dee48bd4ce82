import * as z from 'zod';
import { DiagnosticBaseline, DiagnosticValue } from '../../model/azure-logging.ts';
import { InvalidInput } from '../../model/error.ts';
import { parseExtensionId } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import { deleteArm, putArm } from './arm-resource.ts';
import { azureAction } from './azure-action.ts';
import {
  diagnosticId,
  diagnostics,
  diagnosticType,
  listDiagnostics,
  named,
  settingValue,
} from './diagnostic-settings.ts';

type Input = { readonly settingId: string; readonly baseline: readonly DiagnosticBaseline[] };

const right = (verb: string) => ({ allow: `${diagnosticType}/${verb}`, on: '/subscriptions/{subscription}' });
/** Who sends logs somewhere needs the right to hand out what opens the place. */
const sinks = [
  { allow: 'Microsoft.OperationalInsights/workspaces/sharedKeys/action', on: '/subscriptions/{subscription}' },
  { allow: 'Microsoft.EventHub/namespaces/authorizationRules/listkeys/action', on: '/subscriptions/{subscription}' },
];

const partsOf = ({ settingId }: Pick<Input, 'settingId'>) =>
  parseExtensionId(settingId, diagnosticType) ?? { scope: '', name: '' }; // the input has been parsed

/** How the setting is to be, by the narrowest scope; a setting that nobody wrote down cannot be made again. */
function wantedFor(input: Input): DiagnosticValue {
  const { scope, name } = partsOf(input);
  const fits = input.baseline
    .filter((one) => one.name.toLowerCase() === name.toLowerCase())
    .filter((one) => `${scope}/`.toLowerCase().startsWith(`${one.scope.replace(/\/$/, '')}/`.toLowerCase()))
    .sort((a, b) => b.scope.length - a.scope.length);
  const [best] = fits;
  if (!best)
    throw new InvalidInput({
      code: 'no-baseline',
      message: `nothing says what the diagnostic setting ${name} on ${scope} sent where: it is gone, and its record does not tell`,
      remedy: 'Write it down under azure.logging.diagnosticSettings of the settings, and put it back by hand now.',
    });
  const { scope: _, name: _name, categories, categoryGroups, metrics, ...places } = best;
  return {
    ...places,
    categories: [...categories].sort(),
    categoryGroups: [...categoryGroups].sort(),
    metrics: [...metrics].sort(),
  };
}

/** A setting as ARM takes it. */
function bodyOf({ categories, categoryGroups, metrics, ...places }: DiagnosticValue): JsonObject {
  const logs = [
    ...categories.map((category) => ({ category, enabled: true })),
    ...categoryGroups.map((categoryGroup) => ({ categoryGroup, enabled: true })),
  ];
  return { properties: { ...places, logs, metrics: metrics.map((category) => ({ category, enabled: true })) } };
}

/**
 * Makes a diagnostic setting again that was deleted, as the settings say it was to be
 * (learn.microsoft.com/rest/api/monitor/diagnostic-settings/create-or-update). On a subscription it is what sends the Activity
 * Log out, without which most of what Cordon hears of Azure is not said.
 */
export const monitorRestoreDiagnosticSettings = azureAction({
  id: 'azure.monitor.restore-diagnostic-settings',
  title: 'Send the logs of a resource or a subscription where they went before',
  target: 'azure.monitor.diagnostic-setting',
  d3fend: 'D3-RC',
  input: z.strictObject({
    settingId: z
      .string()
      .refine((id) => parseExtensionId(id, diagnosticType) !== undefined, {
        error: `must be the id of a ${diagnosticType}`,
      })
      .describe('The setting, by its ARM id.'),
    baseline: z.array(DiagnosticBaseline).describe('How settings are to be; the narrowest scope that fits counts.'),
  }),
  value: DiagnosticValue,
  permissions: { read: [right('read')], write: [right('write'), right('delete'), ...sinks] },
  settles: { seconds: 60 },
  cutsNothing: true,
  refersTo: ['baseline'],
  cautions: [
    'What was logged while it was gone is not sent later; the Activity Log itself keeps 90 days.',
    'It takes up to 90 minutes until logs flow again.',
    'Copies to a storage account are not put back: that takes the right to read its keys.',
  ],
  examples: [
    {
      settingId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/providers/Microsoft.Insights/diagnosticSettings/to-siem',
      baseline: [
        {
          scope: '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001',
          name: 'to-siem',
          workspaceId:
            '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-security/providers/Microsoft.OperationalInsights/workspaces/law-security',
          categories: ['Administrative', 'Security', 'Policy'],
        },
      ],
    },
  ],
}).does({
  async capture(azure, input, { signal }) {
    const { scope, name } = partsOf(input);
    const settings = await listDiagnostics(azure, scope, signal);
    if (!settings) return {};
    const setting = named(settings, name);
    return { [diagnosticId(scope, name)]: setting ? settingValue(setting) : null };
  },
  plan: (input, seen) => Object.fromEntries(Object.keys(seen).map((id) => [id, wantedFor(input)])),
  async apply(azure, { resource, to }, step) {
    if (to) await putArm(azure, diagnostics, resource, bodyOf(to), step);
    else await deleteArm(azure, diagnostics, resource, step);
  },
});
