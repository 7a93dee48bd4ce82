import * as z from 'zod';
import { type Caller, ensure, may } from '../../guard/rights.ts';
import { Duration, later, secondsOf } from '../../model/duration.ts';
import { InvalidInput } from '../../model/error.ts';
import { Mode } from '../../model/run.ts';
import { type Filter, type ManyWish, previewMany, releaseMany } from '../../run/release-many.ts';
import { type Api, type ApiDeps, bodyOf } from '../context.ts';

const Wanted = z
  .strictObject({
    playbook: z.string().min(1).optional(),
    /** `1h` back from now, or an instant. */
    since: z.union([Duration, z.iso.datetime()]).optional(),
    account: z.string().min(1).optional(),
    mode: Mode.default('dry-run'),
    /** Of the plan, as dry-run shows it; enforce needs it. */
    digest: z.string().length(64).optional(),
    reactivateCredentials: z.boolean().default(false),
  })
  .refine(({ playbook, since, account }) => playbook ?? since ?? account, 'say which: playbook, since or account');
type Wanted = z.infer<typeof Wanted>;

function filterOf({ clock }: ApiDeps, { playbook, since, account }: Wanted): Filter {
  const from = since !== undefined && Duration.safeParse(since).success ? later(clock.now(), -secondsOf(since)) : since;
  return {
    ...(playbook !== undefined && { playbook }),
    ...(from !== undefined && { since: new Date(from).toISOString() }),
    ...(account !== undefined && { account }),
  };
}

const wishOf = (caller: Caller, { reactivateCredentials }: Wanted): ManyWish => ({
  by: caller.id,
  reactivateCredentials,
  reaches: (scope) => may(caller, 'run', scope),
});

/** Many runs taken back at once, for a storm of false positives: first the plan, then what it said and nothing else. */
export function releaseRoutes(api: Api, deps: ApiDeps): void {
  api.post('/releases', async (context) => {
    const caller = context.get('caller');
    ensure(caller, 'run');
    const wanted = await bodyOf(context, Wanted);
    const { playbook, account, mode, digest } = wanted;
    ensure(caller, 'run', { ...(playbook !== undefined && { playbook }), ...(account !== undefined && { account }) });
    const [filter, wish] = [filterOf(deps, wanted), wishOf(caller, wanted)];
    if (mode === 'dry-run') return context.json(await previewMany(deps, filter, wish, deps.deadline()));
    if (digest === undefined)
      throw new InvalidInput({
        code: 'digest-needed',
        message: 'a release names the plan it agrees to',
        remedy: 'Ask for the plan first, in dry-run.',
      });
    return context.json({ releases: await releaseMany(deps, filter, wish, digest, deps.deadline()) }, 202);
  });
}
