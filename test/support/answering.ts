import { createHmac } from 'node:crypto';
import type { Person } from '../../shared/config/settings.ts';
import { Settings } from '../../shared/config/settings.ts';
import { CordonError } from '../../shared/model/error.ts';
import { own } from '../../shared/model/json.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Verdict } from '../../shared/model/approval.ts';
import { issue } from '../../shared/report/approval-token.ts';
import { slackActions } from '../../shared/report/slack-answer.ts';
import { giveAnswer, questionNamed } from '../../shared/run/give-answer.ts';
import { type Asked, asked, at, person } from './api.ts';
import { development } from './company.ts';
import { leakedKey, playbookOf, playbooks } from './doors.ts';

const asking = (id: string, approve: string) =>
  playbookOf(`
id: ${id}
title: Ask before a key is turned off
on: { finding: { type: [nothing-starts-it] } }
targets: { type: [aws.iam.access-key] }
mode: enforce
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
    approve: ${approve}
`);

/** Playbooks that ask one, two, and one group after the other. */
export const askingPlaybooks = [
  ...playbooks,
  asking('two-of-us', '{ by: [on-call, leads], within: 30m, quorum: 2 }'),
  asking('up-the-ladder', '{ by: [on-call, leads], within: 30m, silence: escalate }'),
];

/** Everybody has a member id in Slack: their name in capitals. */
export const crew: readonly Person[] = [
  person('vera', ['viewer'], { slack: 'U0VERA' }),
  person('ron', ['responder'], { slack: 'U0RON' }),
  person('rita', ['responder', 'approver'], { groups: ['on-call'], slack: 'U0RITA' }),
  person('abe', ['approver'], { groups: ['on-call'], slack: 'U0ABE' }),
  person('lea', ['approver'], { groups: ['leads'], slack: 'U0LEA' }),
  person('ada', ['approver'], { slack: 'U0ADA' }),
  person('far', ['approver'], { groups: ['on-call'], accounts: [development], slack: 'U0FAR' }),
];

export const signingSecret = 'a-signing-secret-of-a-slack-app';
const secrets: Secrets = {
  async read(reference) {
    if (reference === 'env:CORDON_SLACK_SIGNING') return signingSecret;
    throw new CordonError({ code: 'no-secret', message: `there is nothing under ${reference}` });
  },
};
const { channels } = Settings.parse({
  channels: [
    {
      kind: 'slack',
      name: 'slack',
      channel: 'C0SECURITY',
      token: 'env:CORDON_SLACK_TOKEN',
      signingSecret: 'env:CORDON_SLACK_SIGNING',
    },
  ],
});

/** What was told to those who pressed a button, with the address it went to. */
export type Replies = { readonly address: string; readonly body: string }[];

export type Questioned = Asked & { readonly replies: Replies; readonly id: string; readonly digest: string };

/** The company with one question open that rita has asked for, under a playbook. */
export async function questioned(playbook: string): Promise<Questioned> {
  const replies: Replies = [];
  const reply = async (address: string, body: string): Promise<void> => void replies.push({ address, body });
  const world = asked({ people: [...crew], channels }, { playbooks: askingPlaybooks, secrets, reply });
  world.known(leakedKey());
  const wish = { playbook, event: leakedKey(), mode: 'enforce' };
  await world.ask('POST', '/runs', { as: 'rita', body: wish });
  await world.carry();
  const inbox = await world.ask('GET', '/inbox', { as: 'vera' });
  return { ...world, replies, id: at(inbox, 'approvals.0.id'), digest: at(inbox, 'approvals.0.digest') };
}

/** Somebody's answer by one of the ways there are: `ok`, or the code of the refusal. */
export type Door = (world: Questioned, who: string, verdict: Verdict, digest?: string) => Promise<string>;

const core: Door = async ({ deps, id, digest }, who, verdict, named = digest) => {
  try {
    await giveAnswer(deps, id, named, { verdict, person: who, note: '', channel: 'cli' });
    return 'ok';
  } catch (thrown) {
    if (thrown instanceof CordonError) return thrown.code;
    throw thrown;
  }
};

const json: Door = async ({ ask, id, digest }, as, verdict, named = digest) => {
  const answer = await ask('POST', `/approvals/${id}`, { as, body: { verdict, digest: named } });
  return answer.status === 200 ? 'ok' : at(answer, 'code');
};

/** A form as a page has it that was opened in time by that very person, whatever has happened since. */
const form: Door = async ({ send, deps, id, digest }, who, verdict, named = digest) => {
  const { deadline: exp } = await questionNamed(deps, id);
  const token = await issue(deps.signer, { approval: id, digest: named, exp, person: who });
  const answer = await send(`/approvals/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-caller': who, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ digest: named, token, verdict, note: '' }).toString(),
  });
  const text = await answer.text();
  return answer.status === 200 ? 'ok' : (/<code>([a-z-]+)<\/code>/.exec(text)?.[1] ?? text);
};

/** A press as Slack sends it, with a signature over its bytes. */
export function slackRequest(body: string, now: string, secret = signingSecret): RequestInit {
  const timestamp = String(Math.floor(Date.parse(now) / 1_000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signature,
  };
  return { method: 'POST', headers, body };
}

export const replyTo = 'https://hooks.slack.com/actions/T1/2/three';

/** The body of a press of one of our buttons. */
export async function press(world: Questioned, user: string, verdict: Verdict, digest = world.digest): Promise<string> {
  const { deps, id } = world;
  const { deadline: exp } = await questionNamed(deps, id);
  const value = await issue(deps.signer, { approval: id, digest, exp, verdict });
  const payload = {
    type: 'block_actions',
    user: { id: user, name: 'rita', username: 'rita' },
    actions: [{ action_id: slackActions[verdict], type: 'button', value }],
    response_url: replyTo,
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** Slack shows words, no codes. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^Your answer is recorded/, 'ok'],
  [/has (approved|rejected) it at/, 'already-answered'],
  [/The time to answer is over/, 'approval-lapsed'],
  [/names another plan/, 'other-plan'],
  [/cannot approve it/, 'four-eyes'],
  [/has answered already/, 'already-voted'],
  [/the question is for/, 'not-asked'],
  [/may not approve/, 'forbidden'],
  [/is over:/, 'nothing-to-answer'],
];

const slack: Door = async (world, who, verdict, named) => {
  const pressed = await press(world, `U0${who.toUpperCase()}`, verdict, named);
  const answer = await world.send('/channels/slack', slackRequest(pressed, world.sandbox.clock.now()));
  const body: unknown = await answer.json();
  const text = String(own(body, 'text'));
  return words.find(([form]) => form.test(text))?.[1] ?? text;
};

/** Every way in: what the command line calls, HTTP, the page's form, Slack's buttons. */
export const ways: readonly (readonly [name: string, Door])[] = [
  ['the command line', core],
  ['HTTP', json],
  ['the form', form],
  ['Slack', slack],
];
