import * as z from 'zod';
import { readArm } from '../../actions/azure/arm-resource.ts';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { isForAnybody, isForAzure, nameOf, readRules } from '../../actions/azure/firewall-rules.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

const shape = z.object({
  location: z.string().default(''),
  kind: z.string().default(''),
  tags: z.record(z.string(), z.string()).nullish(),
});

/** Versions of the API by the type of the target. */
const versions = {
  'azure.sql.server': '2023-08-01',
  'azure.postgres.server': '2024-08-01',
  'azure.mysql.server': '2023-12-30',
  'azure.web.site': '2024-04-01',
  'azure.key-vault.vault': '2023-07-01',
} as const;
type Known = keyof typeof versions;

const readAt = (session: AzureSession, type: Known, id: string) =>
  readArm(session, { apiVersion: versions[type], shape }, id, deadline());

/** Tags and place of a web app. */
export async function inspectSite(session: AzureSession, { id }: Target): Promise<JsonObject | undefined> {
  const found = await readAt(session, 'azure.web.site', id);
  return found && { tags: found.tags ?? {}, location: found.location, kind: found.kind };
}

/** Tags and place of a key vault. */
export async function inspectVault(session: AzureSession, { id }: Target): Promise<JsonObject | undefined> {
  const found = await readAt(session, 'azure.key-vault.vault', id);
  return found && { tags: found.tags ?? {}, location: found.location };
}

type Database = Extract<Target, { readonly type: 'azure.sql.server' | 'azure.postgres.server' | 'azure.mysql.server' }>;
const isDatabase = (target: Target): target is Database => /^azure\.(sql|postgres|mysql)\.server$/.test(target.type);

/** Tags of a database server, and which of its firewall rules let anybody in: of the one that is meant, else of all. */
export async function inspectDatabase(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (!isDatabase(target)) return {};
  const [found, rules] = await Promise.all([
    readAt(session, target.type, target.id),
    readRules(session, versions[target.type], target.id, deadline()),
  ]);
  if (!found) return undefined;
  const only = target.rule?.toLowerCase();
  const meant = Object.entries(rules).flatMap(([id, rule]) => {
    const name = nameOf(id);
    return rule && (only === undefined || name.toLowerCase() === only) ? [{ name, rule }] : [];
  });
  return {
    tags: found.tags ?? {},
    openRules: meant.filter(({ rule }) => isForAnybody(rule)).map(({ name }) => name),
    azureRules: meant.filter(({ rule }) => isForAzure(rule)).map(({ name }) => name),
  };
}
