import type { Catalogue } from '../../shared/action/catalogue.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { rightsNeeded } from '../../shared/playbook/rights-needed.ts';
import type { Need } from '../../shared/policy/grants.ts';
import { reconcileRights } from '../../shared/policy/reconcile-rights.ts';
import { writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { allReads } from '../wire.ts';

/** The rights of one cloud, by their names alone: `iam:GetUser`, `data:Microsoft.Storage/…`, `graph:User.Read.All`, `entra:microsoft.directory/…`. */
export type Rights = { readonly read: readonly string[]; readonly write: readonly string[] };
/** What the playbooks of a deployment need in each cloud. */
export type Needs = { readonly aws: Rights; readonly azure: Rights };

const namesOf = (needs: readonly Need[]): readonly string[] =>
  [...new Set(needs.map(({ grant }) => grant.allow))].sort();

/** What these playbooks, and reconciliation, need of the reader and of the writer, as `cordon policy` compiles it. */
export async function needsOf(
  playbooks: readonly Playbook[],
  catalogue: Catalogue,
  { writeBack }: Pick<Settings, 'writeBack'>,
): Promise<Needs> {
  const nothing = { aws: [], azure: [] };
  const written = writeBack.enabled ? writeBackGrants : nothing;
  const declared = { catalogue, reads: allReads, writeBack: written, reconcile: reconcileRights };
  const { aws, azure } = await rightsNeeded(declared, { playbooks });
  return {
    aws: { read: namesOf(aws.reader), write: namesOf(aws.writer) },
    azure: { read: namesOf(azure.reader), write: namesOf(azure.writer) },
  };
}
