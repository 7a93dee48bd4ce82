import * as z from 'zod';
import { asJson, type JsonObject } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

const type = 'Microsoft.Security/assessments';

/** As the assessments API shows one (learn.microsoft.com/rest/api/defenderforcloud-composite/assessments/get). */
const Assessment = z.looseObject({
  id: z.string().regex(/^\/subscriptions\/[^/]+\/(.+\/)?providers\/Microsoft\.Security\/assessments\/[^/]+$/i),
  name: z.string(),
  properties: z.looseObject({ status: z.looseObject({ code: z.string() }) }),
});

const assessments = table<JsonObject>('azure.defender.assessments');

const keyOf = (id: string): string => id.toLowerCase();

/** Makes an assessment known to Defender for Cloud: `{ id, name, properties }` as the assessments API writes it. */
export function addAssessment(rows: Rows, assessment: unknown): void {
  const known = Assessment.parse(assessment);
  rows.put(assessments, keyOf(known.id), { type, ...(asJson(known) as JsonObject) }); // an object as parsed
}

const group = '/subscriptions/{subscription}/resourceGroups/{resourceGroup}';
const resource = `${group}/providers/{provider}/{type}/{resource}`;

/** An assessment is of a subscription, of a resource, or of a part of one. */
const scopes = ['/subscriptions/{subscription}', group, resource, `${resource}/{partType}/{part}`];

const read = (scope: string): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `${scope}/providers/Microsoft.Security/assessments/{name}`,
  operation: 'Microsoft.Security/assessments/read',
  reads: true,
  does({ view, url }) {
    const id = decodeURIComponent(url.pathname);
    const assessment = view.get(assessments, keyOf(id));
    if (assessment) return { status: 200, body: assessment };
    throw new AzureFault(404, 'ResourceNotFound', `The assessment '${id}' could not be found.`);
  },
});

/** Assessments of Defender for Cloud: an estate begins with none, `addAssessment` makes one known. */
export const defenderAssessments = azureNoun({
  name: 'defenderAssessments',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: scopes.map(read),
});
