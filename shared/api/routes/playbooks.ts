import { placedSteps } from '../../model/playbook.ts';
import { type Api, type ApiDeps, playbookOf } from '../context.ts';
import { ensure, may } from '../../guard/rights.ts';

/** What Cordon does about which findings. */
export function playbookRoutes(api: Api, deps: ApiDeps): void {
  api.get('/playbooks', (context) => {
    const caller = context.get('caller');
    ensure(caller, 'read');
    const seen = deps.playbooks.filter(({ id }) => may(caller, 'read', { playbook: id }));
    return context.json({
      playbooks: seen.map(({ id, title, mode, limits, ...does }) => ({
        id,
        title,
        mode,
        limits,
        steps: placedSteps(does).map(({ step }) => ({ id: step.id, action: step.action })),
      })),
    });
  });

  api.get('/playbooks/:id', (context) => {
    const id = context.req.param('id');
    ensure(context.get('caller'), 'read', { playbook: id });
    return context.json(playbookOf(deps, id));
  });
}
