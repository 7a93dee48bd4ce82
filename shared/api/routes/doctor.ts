import * as z from 'zod';
import { ensure } from '../../guard/rights.ts';
import { InvalidInput } from '../../model/error.ts';
import type { Examiner } from '../../ports/examiner.ts';
import { type Api, type ApiContext, type ApiDeps, bodyOf } from '../context.ts';

const Part = z.strictObject({ part: z.string().min(1).max(200) });

/** What it tells is the whole deployment's, and what it may reach: for those alone who may do everything. */
function examinerFor({ examiner }: ApiDeps, context: ApiContext): Examiner {
  ensure(context.get('caller'), 'run', { account: '*', playbook: '*' });
  if (examiner) return examiner;
  throw new InvalidInput({
    code: 'no-examiner',
    message: 'this is no deployment that could examine itself',
    remedy: 'Use `cordon doctor` on this machine.',
  });
}

/** Examines the deployment with its own identities, part by part, because one request has little time. */
export function doctorRoutes(api: Api, deps: ApiDeps): void {
  api.get('/doctor', async (context) => context.json({ parts: await examinerFor(deps, context).parts() }));

  api.post('/doctor', async (context) => {
    const examiner = examinerFor(deps, context);
    const { part } = await bodyOf(context, Part);
    const lines = await examiner.examine(part, deps.deadline());
    if (lines) return context.json({ part, lines });
    throw new InvalidInput({
      code: 'no-such-part',
      message: 'there is no such part',
      remedy: 'GET /doctor lists them.',
    });
  });
}
