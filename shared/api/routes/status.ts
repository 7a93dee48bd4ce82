import { ensure, may } from '../../guard/rights.ts';
import { statusOf } from '../../run/status.ts';
import type { Api, ApiDeps } from '../context.ts';

/** How things stand, as far as the caller may see them. */
export function statusRoutes(api: Api, deps: ApiDeps): void {
  api.get('/status', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    return context.json(await statusOf(deps, (scope) => may(caller, 'read', scope)));
  });
}
