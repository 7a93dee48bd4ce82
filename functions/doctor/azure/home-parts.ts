/** A deployment in Azure, as its function app knows itself. */
export type AzureHome = {
  /** The ARM id of the app, which names the others: `/subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/cordon-production-<suffix>`. */
  readonly app: string;
  readonly stage: string;
  /** What app.bicep makes besides where it is asked for. */
  readonly signals: boolean;
  readonly relay: boolean;
  readonly forwarded: boolean;
};

/** The ARM ids of a hub, of what holds it, and of the consumer group that it is read by. */
export type HubParts = { readonly namespace: string; readonly hub: string; readonly reader: string };

/** Where the parts of a home stand, by the names that functions/azure/deploy gives them. */
export function partsOfHome({ app, stage }: Pick<AzureHome, 'app' | 'stage'>) {
  const [group = ''] = app.split('/providers/');
  const name = app.slice(app.lastIndexOf('/') + 1);
  const suffix = name.slice(`cordon-${stage}-`.length);
  const hubIn = (namespace: string, hub: string): HubParts => {
    const id = `${group}/providers/Microsoft.EventHub/namespaces/${namespace}`;
    return { namespace: id, hub: `${id}/eventhubs/${hub}`, reader: `${id}/eventhubs/${hub}/consumergroups/cordon` };
  };
  return {
    group,
    hub: hubIn(name, 'defender'),
    signals: hubIn(`cordon-${stage}-signals-${suffix}`, 'signals'),
    topic: (kind: 'malware' | 'forwarded' | 'alerts') =>
      `${group}/providers/Microsoft.EventGrid/topics/cordon-${stage}-${kind}-${suffix}`,
    deadLetters: `${group}/providers/Microsoft.Storage/storageAccounts/cordondead${suffix}/blobServices/default/containers/cordon-dead-letters`,
    people: `${group}/providers/Microsoft.Insights/actionGroups/cordon-${stage}`,
  };
}

/** The last segment of an ARM id. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
/** ARM keeps no case in its ids. */
export const sameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What makes a deployment whole again. */
export const redeploy = 'Deploy this stage again: functions/azure/deploy/deploy.sh makes it as it must be.';
