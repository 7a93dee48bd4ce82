import { bodyLimit } from 'hono/body-limit';
import type { Approval } from '../../model/approval.ts';
import { CordonError, InvalidInput } from '../../model/error.ts';
import { pressRefusals, readSlackAnswer } from '../../report/slack-answer.ts';
import { ephemeral, replyAddress } from '../../report/slack-reply.ts';
import { isFromSlack, type SlackRequest } from '../../report/slack-signature.ts';
import { giveAnswer } from '../../run/give-answer.ts';
import type { Api, ApiContext, ApiDeps } from '../context.ts';
import { statusOf } from '../problem.ts';

/** A press of a button has far less. */
const mostBytes = 65_536;

/** The signing secrets of the settings; one that cannot be read is reported and lets nobody in. */
async function signingSecrets({ settings, secrets, report }: ApiDeps): Promise<readonly string[]> {
  const references = settings.channels.flatMap((channel) =>
    channel.kind === 'slack' && channel.signingSecret !== undefined ? [channel.signingSecret] : [],
  );
  const known = await Promise.allSettled([...new Set(references)].map(async (one) => secrets?.read(one) ?? ''));
  for (const one of known) if (one.status === 'rejected') report(one.reason);
  return known.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function ensureFromSlack(deps: ApiDeps, request: SlackRequest): Promise<void> {
  const now = deps.clock.now();
  if ((await signingSecrets(deps)).some((secret) => isFromSlack(request, secret, now))) return;
  throw new InvalidInput({ code: 'unauthenticated', message: 'Slack did not sign this request, or not just now' });
}

const recorded = ({ answer, votes, quorum, run }: Approval): string =>
  answer
    ? `Your answer is recorded: run ${run} is ${answer.verdict}.`
    : `Your answer is recorded: ${votes.length} of ${quorum} for run ${run}.`;

/** What came of a press, in words for whoever pressed; nothing where it was no answer, as when a link is opened. */
async function outcomeOf(deps: ApiDeps, body: string): Promise<string | undefined> {
  const { settings, signer, clock } = deps;
  const press = await readSlackAnswer(body, { people: settings.people, signer, now: clock.now() });
  if ('refused' in press) return press.refused === 'unreadable' ? undefined : pressRefusals[press.refused];
  const { approval, digest, verdict, person } = press;
  try {
    return recorded(await giveAnswer(deps, approval, digest, { verdict, person, note: '', channel: 'slack' }));
  } catch (thrown) {
    if (!(thrown instanceof CordonError) || statusOf(thrown) >= 500) throw thrown;
    return `Nothing was done: ${thrown.describe()}`;
  }
}

/** Told where Slack shows it; that it cannot be told undoes nothing. */
async function tell({ reply, report }: ApiDeps, body: string, text: string): Promise<void> {
  const address = replyAddress(body);
  if (address === undefined || !reply) return;
  try {
    await reply(address, JSON.stringify(ephemeral(text)));
  } catch (thrown) {
    report(thrown);
  }
}

const requestOf = async ({ req }: ApiContext): Promise<SlackRequest> => ({
  timestamp: req.header('x-slack-request-timestamp') ?? '',
  signature: req.header('x-slack-signature') ?? '',
  body: await req.text(),
});

/**
 * Presses of the buttons in Slack. This alone is outside what proves a caller elsewhere: Slack signs the bytes of its
 * requests, and the settings say which person a member id is.
 */
export function slackRoutes(api: Api, deps: ApiDeps): void {
  const onError = () => {
    throw new InvalidInput({ code: 'body-too-large', message: 'the body is larger than 64 KiB' });
  };
  api.post('/channels/slack', bodyLimit({ maxSize: mostBytes, onError }), async (context) => {
    const request = await requestOf(context);
    await ensureFromSlack(deps, request);
    context.header('cache-control', 'no-store');
    const text = await outcomeOf(deps, request.body);
    if (text === undefined) return context.body(null, 200);
    await tell(deps, request.body, text);
    return context.json(ephemeral(text));
  });
}
