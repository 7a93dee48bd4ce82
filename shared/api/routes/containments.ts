import { ensure, may } from '../../guard/rights.ts';
import { containedNow } from '../../run/contained-now.ts';
import type { Api, ApiDeps } from '../context.ts';

/** What is cut off right now: why, by whom, until when, and how it is taken back. */
export function containmentRoutes(api: Api, deps: ApiDeps): void {
  api.get('/containments', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const sees = ({ account, playbook }: { readonly account: string; readonly playbook: string }) =>
      may(caller, 'read', { account, playbook });
    return context.json({ containments: await containedNow(deps, sees) });
  });
}
