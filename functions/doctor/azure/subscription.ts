import * as z from 'zod';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import { type Settings, stageMode } from '../../../shared/config/settings.ts';
import { allows, type AzureRole } from '../../../shared/policy/azure.ts';
import type { Clouds, Rights, Session } from '../../../shared/ports/clouds.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { type Lines, linesOf } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { ArmReads } from './arm-reads.ts';
import { isDenied, said } from './asking.ts';
import { claimsOf } from './claims.ts';
import { directoryLines, isDirectory } from './directory-role.ts';
import type { AzureHome } from './home-parts.ts';
import { homeSourceLines } from './home-sources.ts';

/** One subscription, and what is asked of it. */
export type AzureExam = {
  readonly clouds: Pick<Clouds, 'session'>;
  readonly settings: Settings;
  readonly subscription: string;
  /** The rights that the playbooks need: operations, `data:` operations, `graph:` and `entra:` permissions. */
  readonly needed: { readonly read: readonly string[]; readonly write: readonly string[] };
  readonly patience: Patience;
  /** The deployment that its events have to come to, where that is in Azure and known. */
  readonly home?: AzureHome;
};

const asAzure = (session: Session): AzureSession => {
  if (session.cloud === 'azure') return session as AzureSession; // only azureSessions makes them
  throw new TypeError('not an Azure session');
};

async function open({ clouds, subscription, patience }: AzureExam, rights: Rights): Promise<AzureSession> {
  const place = { cloud: 'azure', account: subscription, region: '', rights } as const;
  return asAzure(await clouds.session({ ...place, runId: 'doctor', signal: patience() }));
}

const Permission = z.object({
  actions: z.array(z.string()).default([]),
  notActions: z.array(z.string()).default([]),
  dataActions: z.array(z.string()).default([]),
  notDataActions: z.array(z.string()).default([]),
});

/** What the caller may do here (learn.microsoft.com/rest/api/authorization/permissions). */
const permissionsOf = (azure: AzureSession, patience: Patience): Promise<readonly AzureRole[]> =>
  azure
    .client(ArmReads)
    .list({ path: 'providers/Microsoft.Authorization/permissions', version: '2022-04-01' }, Permission, patience());

/** Whether some role contains a right; notActions subtract from their own role only. */
function has(roles: readonly AzureRole[], right: string): boolean {
  const data = right.startsWith('data:');
  return roles.some((role) => allows(role, data ? right.slice('data:'.length) : right, data));
}

const isGraph = (right: string): boolean => right.startsWith('graph:');

/** The operations that an identity has and lacks at the subscription. */
async function operationLines(
  { patience }: AzureExam,
  azure: AzureSession,
  rights: Rights,
  needed: readonly string[],
  lines: Lines,
): Promise<readonly Examined[]> {
  const wanted = needed.filter((right) => !isGraph(right) && !isDirectory(right));
  try {
    const roles = await permissionsOf(azure, patience);
    const lacking = wanted.filter((right) => !has(roles, right));
    const there = wanted.length - lacking.length;
    return [
      ...(there > 0 ? [lines.ok(`${there} of ${wanted.length} operations of the ${rights} are granted`)] : []),
      ...lacking.map((right) =>
        lines.missing(
          `the ${rights} lacks ${right}`,
          `Put it into the custom role of the ${rights} and assign that here or above; \`cordon policy\` prints it.`,
          right,
        ),
      ),
    ];
  } catch (thrown) {
    const right = 'Microsoft.Authorization/permissions/read';
    const remedy = isDenied(thrown) ? `Grant ${right} to the ${rights}, at this subscription or above.` : 'Ask again.';
    return [lines.missing(`what the ${rights} may do here cannot be read: ${said(thrown)}`, remedy, right)];
  }
}

/** The application permissions of Graph, as the identity's own token names them. */
async function graphLines(
  { patience }: AzureExam,
  azure: AzureSession,
  rights: Rights,
  needed: readonly string[],
  lines: Lines,
): Promise<readonly Examined[]> {
  const wanted = needed.filter(isGraph);
  if (wanted.length === 0) return [];
  const claims = claimsOf(await azure.token('https://graph.microsoft.com', patience()));
  if (!claims || claims.scp !== undefined)
    return [
      lines.warning(
        `the Graph permissions of the ${rights} were not seen: this is the token of a person, not of an application`,
        `Run the doctor as the managed identity of the ${rights}.`,
      ),
    ];
  const lacking = wanted.filter((right) => !claims.roles?.includes(right.slice('graph:'.length)));
  const there = wanted.length - lacking.length;
  return [
    ...(there > 0 ? [lines.ok(`${there} of ${wanted.length} Graph permissions of the ${rights} are granted`)] : []),
    ...lacking.map((right) =>
      lines.missing(
        `the ${rights} lacks the Graph application permission ${right.slice('graph:'.length)}`,
        'Assign it to the managed identity, with the consent of an administrator; tokens show it after an hour or so.',
        right,
      ),
    ),
  ];
}

/** Who the token is: only Cordon's own identities tell how a deployment stands. */
async function whoLine(
  { settings, patience }: AzureExam,
  azure: AzureSession,
  rights: Rights,
  lines: Lines,
): Promise<Examined> {
  const claims = claimsOf(await azure.token('https://management.azure.com', patience()));
  const { tenant, identities } = settings.azure;
  if (claims?.tid !== undefined && claims.tid !== tenant)
    return lines.missing(`the ${rights} signs in to tenant ${claims.tid}`, 'Correct azure.tenant.');
  const oid = claims?.oid;
  if (oid !== undefined && identities.length > 0 && !identities.includes(oid))
    return lines.warning(
      `asked as ${oid}, who is none of azure.identities: what follows is said of that identity`,
      'Run the doctor as the identity of the deployment, or add it to azure.identities.',
    );
  return lines.ok(`the ${rights} signs in${oid === undefined ? '' : ` as ${oid}`}`);
}

async function identityLines(exam: AzureExam, rights: Rights, lines: Lines): Promise<readonly Examined[]> {
  const needed = exam.needed[rights === 'reader' ? 'read' : 'write'];
  const azure = await open(exam, rights);
  return [
    await whoLine(exam, azure, rights, lines),
    ...(await operationLines(exam, azure, rights, needed, lines)),
    ...(await graphLines(exam, azure, rights, needed, lines)),
    ...(await directoryLines(
      {
        reader: await open(exam, 'reader'),
        rights,
        oid: await oidOf(exam, azure),
        needed,
        signal: exam.patience(),
        said,
      },
      lines,
    )),
  ];
}

/** Operations that only a writer needs, and that an identity has all the same. */
async function changesGranted(azure: AzureSession, { needed, patience }: AzureExam): Promise<readonly string[]> {
  const roles = await permissionsOf(azure, patience);
  const onlyWriters = needed.write.filter(
    (right) => !isGraph(right) && !isDirectory(right) && !needed.read.includes(right) && !/\/read$/.test(right),
  );
  return onlyWriters.filter((right) => has(roles, right));
}

const oidOf = async ({ patience }: AzureExam, azure: AzureSession): Promise<string | undefined> =>
  claimsOf(await azure.token('https://management.azure.com', patience()))?.oid;

/** A stage that changes nothing has no identity that could: neither a writer, nor a reader that may write. */
async function noWriterLine(exam: AzureExam, { ok, missing }: Lines): Promise<Examined> {
  const { stage } = exam.settings;
  const remedy = 'Take the right to write from this stage: staging is held by rights, not by words.';
  const reader = await open(exam, 'reader');
  const writer = await open(exam, 'writer').catch(() => undefined);
  // on a machine of a person both are that person
  if (writer && (await oidOf(exam, writer)) !== (await oidOf(exam, reader)))
    return missing(`there is a writer, though stage ${stage} changes nothing`, remedy);
  const [right, ...more] = await changesGranted(reader, exam);
  if (right === undefined) return ok('nobody here may change anything, as it must be in this stage');
  return missing(`the reader may ${right}${more.length > 0 ? ` and ${more.length} more` : ''}`, remedy, right);
}

async function writerLines(exam: AzureExam, lines: Lines): Promise<readonly Examined[]> {
  const enforcing = stageMode(exam.settings) === 'enforce';
  try {
    return enforcing ? await identityLines(exam, 'writer', lines) : [await noWriterLine(exam, lines)];
  } catch (thrown) {
    const what = enforcing ? 'the writer cannot sign in' : 'whether anybody here may change anything is not known';
    return [lines.missing(`${what}: ${said(thrown)}`, 'Give this stage its identities, and ask again.')];
  }
}

const Plan = z.object({ name: z.string(), properties: z.object({ pricingTier: z.string() }) });
const Export = z.object({ name: z.string(), properties: z.object({ isEnabled: z.boolean().default(true) }) });

/** Defender for Cloud: which plans are on, and whether alerts leave by continuous export; where home is known, whether they come there. */
async function sourceLines(
  { patience, home }: AzureExam,
  azure: AzureSession,
  lines: Lines,
): Promise<readonly Examined[]> {
  const { ok, warning, missing } = lines;
  const arm = azure.client(ArmReads);
  const look = async <T>(what: string, right: string, read: () => Promise<T>, tell: (found: T) => Examined) => {
    try {
      return tell(await read());
    } catch (thrown) {
      const remedy = isDenied(thrown) ? `Grant ${right} to the reader.` : 'Ask again.';
      return warning(`${what} cannot be seen: ${said(thrown)}`, remedy, right);
    }
  };
  const security = 'providers/Microsoft.Security';
  const plans = () => arm.list({ path: `${security}/pricings`, version: '2024-01-01' }, Plan, patience());
  const exports = () =>
    arm.list({ path: `${security}/automations`, version: '2023-12-01-preview' }, Export, patience());
  const defended = await look('the plans of Defender for Cloud', 'Microsoft.Security/pricings/read', plans, (found) => {
    const on = found.filter(({ properties }) => properties.pricingTier === 'Standard').map(({ name }) => name);
    if (on.length > 0) return ok(`Defender plans are on: ${on.join(', ')}`);
    return missing('no plan of Defender for Cloud is on: there will be no alerts', 'Switch on those you need.');
  });
  if (home) return [defended, ...(await homeSourceLines(azure, home, lines, patience))];
  return [
    defended,
    await look('continuous export', 'Microsoft.Security/automations/read', exports, (found) => {
      const on = found.filter(({ properties }) => properties.isEnabled).map(({ name }) => name);
      if (on.length > 0) return ok(`continuous export is on: ${on.join(', ')}`);
      const remedy = 'Export alerts to the Event Hub of Cordon (Microsoft.Security/automations).';
      return missing('no continuous export is on: alerts do not leave Defender for Cloud', remedy);
    }),
  ];
}

/** One subscription: its identities, their rights, its sources. */
export async function examineSubscription(exam: AzureExam): Promise<readonly Examined[]> {
  const lines = linesOf(`azure ${exam.subscription}`);
  try {
    const reader = await identityLines(exam, 'reader', lines);
    const sources = await sourceLines(exam, await open(exam, 'reader'), lines);
    return [...reader, ...(await writerLines(exam, lines)), ...sources];
  } catch (thrown) {
    return [lines.missing(`the reader cannot sign in: ${said(thrown)}`, 'Give this stage its reader identity.')];
  }
}
