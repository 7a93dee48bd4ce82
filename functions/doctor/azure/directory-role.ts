import * as z from 'zod';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import type { Lines } from '../examined.ts';

/** How a right of a role of Entra's own begins among those that playbooks need. */
const prefix = 'entra:';
export const isDirectory = (right: string): boolean => right.startsWith(prefix);

/** The roles that a principal has, each with what it allows (learn.microsoft.com/graph/api/rbacapplication-list-roleassignments). */
const Assignments = z.object({
  value: z.array(
    z.object({
      directoryScopeId: z.string(),
      roleDefinition: z.object({
        rolePermissions: z.array(z.object({ allowedResourceActions: z.array(z.string()) })),
      }),
    }),
  ),
});

/** Whose rights are looked at, and the session of the reader, which looks. */
export type DirectoryExam = {
  readonly reader: AzureSession;
  readonly rights: 'reader' | 'writer';
  /** Undefined where the token does not tell. */
  readonly oid: string | undefined;
  readonly needed: readonly string[];
  readonly signal: AbortSignal;
  readonly said: (thrown: unknown) => string;
};

/** What Entra's own roles allow an identity everywhere in the directory, and what they lack. */
export async function directoryLines(exam: DirectoryExam, lines: Lines): Promise<readonly Examined[]> {
  const { reader, rights, oid = '', signal, said } = exam;
  const wanted = exam.needed.filter(isDirectory).map((right) => right.slice(prefix.length));
  if (wanted.length === 0) return [];
  const path = `/roleManagement/directory/roleAssignments?$filter=principalId eq '${oid}'&$expand=roleDefinition`;
  try {
    const { value } = Assignments.parse(await reader.graph('GET', path, signal));
    const has = value
      .filter(({ directoryScopeId }) => directoryScopeId === '/')
      .flatMap(({ roleDefinition }) => roleDefinition.rolePermissions)
      .flatMap(({ allowedResourceActions }) => allowedResourceActions);
    const lacking = wanted.filter((one) => !has.includes(one));
    const there = wanted.length - lacking.length;
    return [
      ...(there > 0
        ? [lines.ok(`${there} of ${wanted.length} permissions of Entra of the ${rights} are granted`)]
        : []),
      ...lacking.map((one) =>
        lines.missing(
          `the ${rights} lacks ${one} in a role of Entra`,
          'Run functions/azure/deploy/graph-roles.ts, which makes the custom role and assigns it; it takes Entra ID P1.',
          `${prefix}${one}`,
        ),
      ),
    ];
  } catch (thrown) {
    const right = 'graph:RoleManagement.Read.Directory';
    const what = `the roles of Entra that the ${rights} has were not seen: ${said(thrown)}`;
    return [lines.warning(what, `Grant ${right} to the reader, or look by graph-roles.ts --what-if.`, right)];
  }
}
