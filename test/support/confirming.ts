import type { Confirmation } from '../../shared/ports/clouds.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Target } from '../../shared/model/target.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { company } from './company.ts';
import { primaryOf } from './events.ts';

/** Northwind's reader in a finding's own account, asked to read the finding again. */
export function confirming(): {
  readonly sandbox: Sandbox;
  confirm(finding: Finding, target?: Target): Promise<Confirmation>;
} {
  const { clouds, sandbox } = company();
  return {
    sandbox,
    async confirm(finding, target = primaryOf(finding)) {
      const { signal } = new AbortController();
      const place = { cloud: finding.cloud, account: finding.account, region: finding.region } as const;
      const session = await clouds.session({ ...place, rights: 'reader', runId: 'run', signal });
      return clouds.confirm(session, finding, target);
    },
  };
}
