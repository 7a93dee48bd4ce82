import * as z from 'zod';
import { ensureMayAnswer } from '../../guard/may-answer.ts';
import { type Caller, ensure, may } from '../../guard/rights.ts';
import type { Approval } from '../../model/approval.ts';
import { CordonError, InvalidInput } from '../../model/error.ts';
import { issue, read } from '../../report/approval-token.ts';
import { giveAnswer, questionNamed } from '../../run/give-answer.ts';
import { aboutQuestion, type OpenQuestion, openQuestions } from '../../run/inbox.ts';
import { approvalPage, type MayDo, pageHeaders, refusalPage } from '../approval-page.ts';
import { type Api, type ApiContext, type ApiDeps, bodyOf } from '../context.ts';
import { statusOf } from '../problem.ts';

const Answer = z.strictObject({
  verdict: z.enum(['approved', 'rejected']),
  /** Of the plan that was read: the answer counts for that one alone. */
  digest: z.string().length(64),
  note: z.string().max(500).default(''),
  /** As the page has it. A form must bring it; other clients may. */
  token: z.string().max(2_000).optional(),
});
type Answer = z.infer<typeof Answer>;

const formKind = /^application\/x-www-form-urlencoded\s*(;|$)/i;
const isForm = (context: ApiContext): boolean => formKind.test(context.req.header('content-type') ?? '');
const wantsPage = (context: ApiContext): boolean => (context.req.header('accept') ?? '').includes('text/html');

const notFromThePage = (message: string) =>
  new InvalidInput({ code: 'not-from-the-page', message, remedy: 'Open the page again and answer there.' });

/** What a form sends; a field that is there twice is no answer. Throws `InvalidInput`. */
async function formOf(context: ApiContext): Promise<Answer> {
  const fields = new URLSearchParams(await context.req.text());
  const parsed = Answer.safeParse(Object.fromEntries(fields));
  if (!parsed.success || fields.size !== new Set(fields.keys()).size || parsed.data.token === undefined)
    throw notFromThePage('the form is not the one that the page has');
  return parsed.data;
}

/** The token is bound to the question, its plan and whom the page was made for: no other site can make such a form. */
async function ensureToken(deps: ApiDeps, context: ApiContext, { id }: Approval, { token, digest }: Answer) {
  if (token === undefined) return;
  const known = await read(deps.signer, token, deps.clock.now());
  if ('refused' in known && known.refused === 'expired') return; // the record says until when, and says it better
  const fits =
    'claim' in known &&
    known.claim.approval === id &&
    known.claim.digest === digest &&
    known.claim.person === context.get('caller').id;
  if (!fits) throw notFromThePage('the form was not made here, or for somebody else');
}

/** Browsers say which site a form comes from (W3C Fetch Metadata). */
function ensureOwnSite(context: ApiContext): void {
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw notFromThePage('the form was sent by another site');
}

/** Whether somebody may answer, and with which token. */
async function mayDo(deps: ApiDeps, caller: Caller, question: OpenQuestion): Promise<MayDo> {
  const { id: approval, digest, deadline: exp, requester, votes } = question;
  if (!question.open) return { not: '' };
  if (requester.toLowerCase() === caller.id.toLowerCase()) return { not: 'You asked for it: a second person answers.' };
  if (votes.some(({ person }) => person.toLowerCase() === caller.id.toLowerCase()))
    return { not: 'You have answered; another person answers too.' };
  try {
    ensureMayAnswer(deps.settings, question, caller.id, deps.clock.now());
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return { not: thrown.message };
    throw thrown;
  }
  return { token: await issue(deps.signer, { approval, digest, exp, person: caller.id }) };
}

const sendPage = (text: string, status: number): Response =>
  new Response(text, { status, headers: { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' } });

/** Pages for people, also where something is refused; what is ours to mend goes on as a fault. */
async function asPage(work: () => Promise<string>): Promise<Response> {
  try {
    return sendPage(await work(), 200);
  } catch (thrown) {
    const status = statusOf(thrown);
    if (!(thrown instanceof CordonError) || status >= 500) throw thrown;
    return sendPage(refusalPage(thrown), status);
  }
}

const scopeOf = ({ account, playbook }: Approval) => ({ account, playbook });

async function questionFor(deps: ApiDeps, caller: Caller, id: string): Promise<OpenQuestion> {
  const approval = await questionNamed(deps, id);
  ensure(caller, 'read', scopeOf(approval));
  return aboutQuestion(deps, approval);
}

async function answered(deps: ApiDeps, context: ApiContext, wanted: Answer): Promise<Approval> {
  const caller = context.get('caller');
  const approval = await questionNamed(deps, context.req.param('id') ?? '');
  ensure(caller, 'approve', scopeOf(approval));
  await ensureToken(deps, context, approval, wanted);
  const { verdict, digest, note } = wanted;
  return giveAnswer(deps, approval.id, digest, { verdict, person: caller.id, note, channel: 'http' });
}

const thanks = ({ answer, votes, quorum }: Approval): string =>
  answer ? 'Your answer is recorded.' : `Your answer is recorded: ${votes.length} of ${quorum}.`;

/** The questions that wait for a person, one of them as a page, and their answers. Only POST changes anything. */
export function approvalRoutes(api: Api, deps: ApiDeps): void {
  for (const path of ['/approvals', '/inbox'])
    api.get(path, async (context) => {
      const caller = context.get('caller');
      ensure(caller, 'read');
      return context.json({ approvals: await openQuestions(deps, (one) => may(caller, 'read', scopeOf(one))) });
    });

  api.get('/approvals/:id', async (context) => {
    const caller = context.get('caller');
    const look = async () => {
      ensure(caller, 'read');
      return questionFor(deps, caller, context.req.param('id'));
    };
    context.header('vary', 'accept');
    if (!wantsPage(context)) return context.json(await look());
    return asPage(async () => {
      const question = await look();
      return approvalPage(question, await mayDo(deps, caller, question));
    });
  });

  api.post('/approvals/:id', async (context) => {
    const caller = context.get('caller');
    if (isForm(context))
      return asPage(async () => {
        ensure(caller, 'approve');
        ensureOwnSite(context);
        const done = await answered(deps, context, await formOf(context));
        return approvalPage(await aboutQuestion(deps, done), { not: '' }, thanks(done));
      });
    ensure(caller, 'approve');
    return context.json({ approval: await answered(deps, context, await bodyOf(context, Answer)) });
  });
}
