import { held } from '../../records/containments.ts';
import type { Api, ApiDeps } from '../context.ts';
import { ensure, may } from '../rights.ts';

/** What is cut off right now. */
export function containmentRoutes(api: Api, deps: ApiDeps): void {
  api.get('/containments', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const all = await held(deps);
    return context.json({
      containments: all.filter(({ account, playbook }) => may(caller, 'read', { account, playbook })),
    });
  });
}
