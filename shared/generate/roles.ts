import { readdir, readFile } from 'node:fs/promises';
import type { Catalogue } from '../action/catalogue.ts';
import { awsReads } from '../adapters/aws/reads.ts';
import { azureReads } from '../adapters/azure/reads.ts';
import { Settings } from '../config/settings.ts';
import { CordonError } from '../model/error.ts';
import type { Playbook } from '../model/playbook.ts';
import { awsPlace } from '../playbook/aws-place.ts';
import { readPlaybook } from '../playbook/parse.ts';
import { type RightsNeeded, rightsNeeded } from '../playbook/rights-needed.ts';
import { checkRights } from '../policy/check-rights.ts';
import { compileAws } from '../policy/compile-aws.ts';
import { compileAzure } from '../policy/compile-azure.ts';
import { judgeAws, judgeAzure, type RightsFault } from '../policy/judge-rights.ts';
import { reconcileRights } from '../policy/reconcile-rights.ts';
import { writeBackGrants } from '../report/write-back-rights.ts';
import type { Generated } from './generated.ts';

/** The playbooks of the folder `playbooks`, those that can be read. */
export async function shippedPlaybooks(root: URL): Promise<readonly Playbook[]> {
  const names = (await readdir(new URL('playbooks/', root))).filter((name) => /\.ya?ml$/.test(name)).sort();
  const read = await Promise.all(
    names.map(async (name) => readPlaybook(await readFile(new URL(`playbooks/${name}`, root), 'utf8'), name)),
  );
  return read.flatMap((one) => (one.read ? [one.read.playbook] : []));
}

/** What the shipped playbooks need, with everything that settings may have written back, what `cordon doctor` reads, and what the reconciliation does. */
export const shippedRights = async (root: URL, catalogue: Catalogue): Promise<RightsNeeded> =>
  rightsNeeded(
    {
      catalogue,
      reads: { aws: awsReads, azure: azureReads },
      writeBack: writeBackGrants,
      checks: checkRights,
      reconcile: reconcileRights,
    },
    { playbooks: await shippedPlaybooks(root) },
  );

const json = (path: string, content: object): Generated => ({ path, text: `${JSON.stringify(content, null, 2)}\n` });

/** Rights that no role may have are not written down, and so not deployed. */
function refuseFaults(faults: readonly RightsFault[]): void {
  if (faults.length === 0) return;
  const named = faults.map(({ holder, code, detail }) => `${holder}: ${code.replaceAll('-', ' ')}: ${detail}`);
  throw new CordonError({
    code: 'rights-refused',
    message: `the rights of the shipped playbooks are not as they may be:\n${named.join('\n')}`,
    remedy: 'Narrow what the actions declare; `cordon policy check` says the same.',
  });
}

/**
 * Policies of the roles in member accounts and roles of the identities on Azure, for the shipped playbooks. The policies
 * leave `{partition}` and `{account}` to the template that they go into.
 */
export async function roleFiles(root: URL, catalogue: Catalogue): Promise<readonly Generated[]> {
  const needed = await shippedRights(root, catalogue);
  const policies = compileAws(needed.aws, awsPlace(Settings.parse({}), { partition: '{partition}' }));
  const rights = compileAzure(needed.azure);
  refuseFaults([...judgeAws(policies), ...judgeAzure(rights)]);
  const { reader, writer } = policies;
  const { roles, graph, entra } = rights;
  return [
    json('functions/aws/deploy/member-policies.json', { reader: reader.documents, writer: writer.documents }),
    json('functions/azure/deploy/rights.generated.json', { roles, graph, entra }),
  ];
}
