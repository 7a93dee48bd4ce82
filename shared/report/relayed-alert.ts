import { envelopeNames } from '../ingest/envelope.ts';
import { readMessage } from '../ingest/read-message.ts';
import { lowerKeys } from '../ingest/shape.ts';
import { isObject, type Json, type JsonObject, own } from '../model/json.ts';

/** An alert of Defender for Cloud as the relay publishes it: CloudEvents 1.0 with the exported alert as data. */
export type RelayedAlert = {
  readonly id: string;
  readonly type: 'cordon.defender.alert.v1';
  readonly source: string;
  readonly subject?: string;
  readonly data: JsonObject;
};

/**
 * Whether a message is an alert as continuous export writes it, bare. What has any other envelope, a CloudEvent above
 * all, is never relayed: it may have come from the relay itself.
 */
export const isExportedAlert = (message: Json): message is JsonObject =>
  isObject(message) && envelopeNames(message)[0] === 'bare/alert';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The alert for Event Grid: `id` is its SystemAlertId, `source` the alert's own resource id where the export tells it. */
export async function relayedAlert(alert: JsonObject, stage: string): Promise<RelayedAlert> {
  const members = lowerKeys(alert);
  const { reading } = await readMessage(alert);
  const [finding] = reading.kind === 'findings' ? reading.findings : [];
  const subject = textOf(own(members, 'azureresourceid'));
  return {
    id: textOf(own(members, 'systemalertid')) ?? '',
    type: 'cordon.defender.alert.v1',
    source: finding?.link.alertId ?? `/cordon/${encodeURIComponent(stage)}`,
    ...(subject !== undefined && { subject }),
    data: alert,
  };
}
