import { readFileSync } from 'node:fs';
import { isObject, type Json, type JsonObject } from '../../shared/model/json.ts';
import { type Deployed, type Deployment, deployBicep } from './bicep-deploy.ts';

const folder = new URL('../../functions/azure/deploy/', import.meta.url);

/** A file of the templates. */
export const readBicep = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

/** What every deployment of the app is asked with. */
export const asked = {
  stage: 'production',
  enforce: true,
  alertEmails: ['secops@northwind.example'],
  defenderPrincipalId: '0a1b2c3d-0000-4000-8000-00000000a003',
  apiAudience: '0a1b2c3d-0000-4000-8000-00000000a004',
};

/** The app as it would be deployed, with what a test asks for besides. */
export const appWith = (more: JsonObject = {}): Deployment =>
  deployBicep({ name: 'app.bicep', params: { ...asked, ...more }, read: readBicep });

/** The resources of one type. */
export const ofType = ({ resources }: Pick<Deployment, 'resources'>, type: string): readonly Deployed[] =>
  resources.filter((one) => one.type === type);

/** A member somewhere inside of a resource. */
export const memberAt = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (found, key) => (isObject(found) ? (found[key] as Json | undefined) : undefined),
    value,
  ); // JSON inside of JSON

/** The settings of the function app. */
export const settingsOf = (app: Deployment): JsonObject => {
  const properties = memberAt(ofType(app, 'Microsoft.Web/sites/config')[0]?.body, 'properties');
  return isObject(properties) ? (properties as JsonObject) : {}; // JSON inside of JSON
};
