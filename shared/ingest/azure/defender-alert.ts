import * as z from 'zod';
import { isObject, own } from '../../model/json.ts';
import { lowerKeys, OptionalInstant, Text } from '../shape.ts';

/** An object whose keys are compared without case: the same alert is written in PascalCase and in camelCase. */
export const caseless = <S extends z.ZodRawShape>(shape: S) => z.preprocess(lowerKeys, z.object(shape));

/** Text where there is one; what is written otherwise in some kinds of entities is not needed of them. */
const Loose = z.string().min(1).optional().catch(undefined);

const Identifier = caseless({
  azureresourceid: Text,
  azureresourcetenantid: Text,
  aadtenantid: Text,
  workspacesubscriptionid: Text,
});

const Reference = caseless({ $ref: Text, address: Text }).nullish();

/** Another entity, by its `$id` or written out. */
const Named = caseless({ $ref: Loose, name: Loose }).optional().catch(undefined);

/** learn.microsoft.com/azure/defender-for-cloud/alerts-schemas and the "Entities" of security alerts. */
const Entity = caseless({
  $id: Text,
  type: Text,
  address: Text,
  asset: z.boolean().nullish(),
  azureid: Text,
  resourceid: Text,
  name: Text,
  ntdomain: Text,
  upnsuffix: Text,
  userprincipalname: Text,
  aaduserid: Text,
  aadtenantid: Text,
  destinationaddress: Reference,
  namespace: Named,
  url: Loose,
  etag: Loose,
  serviceprincipalobjectid: Loose,
  serviceprincipalname: Loose,
  appid: Loose,
  tenantid: Loose,
  amazonresourceid: Loose,
});
export type Entity = z.infer<typeof Entity>;

/** Of the extended properties only what says how the data of a storage account was reached. */
const Extended = caseless({ 'authentication type': Loose }).optional().catch(undefined);

const Enrichment = caseless({ action: Text, issnapshot: z.union([z.boolean(), z.string()]).nullish() });

/** What Cordon needs of an alert, in lower-case names. */
export const Alert = z.object({
  id: Text,
  name: Text,
  systemalertid: Text,
  alerttype: z.string().min(1),
  alertdisplayname: Text,
  description: Text,
  severity: Text,
  reportedseverity: Text,
  status: Text,
  state: Text,
  isincident: z.union([z.boolean(), z.string()]).nullish(),
  starttimeutc: OptionalInstant,
  endtimeutc: OptionalInstant,
  timegenerated: OptionalInstant,
  timegeneratedutc: OptionalInstant,
  processingendtime: OptionalInstant,
  processingendtimeutc: OptionalInstant,
  azureresourceid: Text,
  resourceidentifiers: z.array(Identifier).nullish(),
  workspacesubscriptionid: Text,
  compromisedentity: Text,
  entities: z.array(Entity).nullish(),
  extendedproperties: Extended,
  alerturi: Text,
  securityeventdataenrichment: Enrichment.nullish(),
});
export type Alert = z.infer<typeof Alert>;

/** How a message about an alert is written; rows and Graph's alerts are told and left alone. */
export type Form = 'export' | 'arm' | 'record' | 'common' | 'row' | 'graph';

/** A text, also where it stands as `{ value, localizedValue }`, in lower case; empty for anything else. */
export const word = (value: unknown): string => {
  const text = isObject(value) ? own(value, 'value') : value;
  return typeof text === 'string' ? text.toLowerCase() : '';
};

const has = (value: unknown, key: string): boolean => own(value, key) !== undefined;

/** A row of Log Analytics has the members of an alert, but its lists as JSON text. */
const isRow = (lower: unknown): boolean =>
  typeof own(lower, 'entities') === 'string' ||
  word(own(lower, 'type')) === 'securityalert' ||
  (has(lower, 'alertname') && !has(lower, 'alertdisplayname'));

/** What kind of message this is; undefined where Defender for Cloud has nothing to do with it. Looks at names only. */
export function formOf(payload: unknown): Form | undefined {
  const lower = lowerKeys(payload);
  if (word(own(lower, 'type')) === 'microsoft.security/locations/alerts' && isObject(own(lower, 'properties')))
    return 'arm';
  if (word(own(lower, '@odata.type')).startsWith('#microsoft.graph.security.alert')) return 'graph';
  if (word(own(lower, 'schemaid')) === 'azuremonitorcommonalertschema') return 'common';
  if (word(own(lower, 'category')) === 'security' && has(lower, 'operationname')) return 'record';
  if (!has(lower, 'systemalertid') || !has(lower, 'alerttype')) return undefined;
  return isRow(lower) ? 'row' : 'export';
}

/** The members of an alert on one level, whichever of the two forms it has. */
export function flat(payload: unknown): unknown {
  const outer = lowerKeys(payload);
  const inner = lowerKeys(own(outer, 'properties'));
  return isObject(outer) && isObject(inner) ? { ...outer, ...inner, id: outer['id'], name: outer['name'] } : outer;
}
