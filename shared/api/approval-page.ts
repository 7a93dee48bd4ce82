import { hash } from 'node:crypto';
import { type Approval, rungsOf } from '../model/approval.ts';
import type { CordonError } from '../model/error.ts';
import { canonical, type Json } from '../model/json.ts';
import type { StepPlan } from '../model/plan.ts';
import { reasons } from '../model/reason.ts';
import { inert, oneLine } from '../report/inert.ts';
import type { OpenQuestion } from '../run/inbox.ts';
import { type Html, html, when } from './html.ts';

const style = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}dt{font-weight:600}dd{margin:0}
dd,td,li,code{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}caption{text-align:left}
th,td{border:1px solid;padding:.35rem .5rem;text-align:left;vertical-align:top}code{font-family:ui-monospace,monospace}
form{border:1px solid;margin-top:2rem;padding:1rem}label{display:block;font-weight:600}
textarea{box-sizing:border-box;font:inherit;margin:.25rem 0 1rem;width:100%}
button{font:inherit;font-weight:600;margin-right:1rem;min-height:2.75rem;padding:.25rem 1.5rem}
.now{border-left:.3rem solid;padding-left:.75rem}
`;

/** Nothing is loaded, run or framed, and the form goes to this very place; the one style is named by its hash. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  vary: 'accept',
};

const page = (title: string, body: Html): string =>
  `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${{ markup: style }}</style></head><body><main>${body}</main></body></html>`
      .markup
  }\n`;

/** An exact value: nothing in it steers, and it is long enough for what a plan holds. */
const exact = (text: string): string => oneLine(text, 4_000);
const valueText = (value: Json): string => {
  if (value === null) return 'absent';
  return exact(typeof value === 'string' ? value : canonical(value));
};
const utc = (instant: string): Html =>
  html`<time datetime="${instant}">${instant.replace('T', ' ').slice(0, 16)} UTC</time>`;

const term = (name: string, value: Html | string): Html => html`<dt>${name}</dt><dd>${value}</dd>`;

function found({ finding, target, targetName, account }: OpenQuestion): Html {
  if (!finding) return html`<p>The run that asks is not in the store.</p>`;
  return html`<dl>${term('Finding', inert(finding.title))}${term('Severity', finding.severity)}${term('Reported by', inert(finding.provider))}${term('Type', inert(finding.type))}${term('It says', inert(finding.description, 1_000))}${term('Target', inert(targetName ?? ''))}${term('Id', html`<code>${exact(target ?? '')}</code>`)}${term('Account', exact(account))}</dl>`;
}

const cutAlready = ({ cut }: OpenQuestion): Html =>
  cut.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<ul>${cut.map(({ action, targetName, since }) => html`<li><code>${action}</code> on ${inert(targetName)}, since ${utc(since)}</li>`)}</ul>`;

function stepPart(step: StepPlan, asked: boolean): Html {
  const { id, title, action, changes, cautions, reason, detail } = step;
  const rows = changes.map(
    ({ resource, from, to, through }) =>
      html`<tr><td><code>${exact(resource)}</code>${when(through, () => html`<p>On the way: ${exact(through?.means ?? '')}</p>`)}</td><td><code>${valueText(from)}</code></td><td><code>${valueText(to)}</code></td></tr>`,
  );
  const table = html`<table><caption>${changes.length} ${changes.length === 1 ? 'change' : 'changes'}</caption><thead><tr><th scope="col">Resource</th><th scope="col">From</th><th scope="col">To</th></tr></thead><tbody>${rows}</tbody></table>`;
  const why = html`<p>${reasons[reason]}${detail === undefined ? '' : ` (${inert(detail)})`}</p>`;
  return html`<h3>${exact(title)} <code>${id}</code></h3><p><code>${action}</code>${asked ? ': this is what is asked' : ''}</p>${when(reason !== 'allowed', () => why)}${changes.length === 0 ? html`<p>Nothing to change.</p>` : table}${when(cautions.length > 0, () => html`<p>Cautions</p><ul>${cautions.map((caution) => html`<li>${inert(caution, 600)}</li>`)}</ul>`)}`;
}

function planPart({ plan, step, digest }: OpenQuestion): Html {
  if (!plan) return html`<p>The plan is not in the store.</p>`;
  const asked = plan.steps.filter(({ id }) => id === step);
  const others = plan.steps.filter(({ id }) => id !== step);
  return html`${asked.map((one) => stepPart(one, true))}${when(others.length > 0, () => html`<h2>The other steps of the plan</h2>${others.map((one) => stepPart(one, false))}`)}<p>Plan <code>${digest}</code></p>`;
}

const verdictWord = { approved: 'Approved', rejected: 'Rejected' } as const;

const votes = ({ votes: given }: Approval): Html =>
  given.length === 0
    ? html`None so far.`
    : html`<ul>${given.map(({ verdict, person, at, note }) => html`<li>${verdictWord[verdict]} by ${exact(person)}, ${utc(at)}${note === '' ? '' : `: ${inert(note, 500)}`}</li>`)}</ul>`;

function asking(question: OpenQuestion): Html {
  const { asked, turnUntil, deadline, quorum, requester, reason } = question;
  const ladder = rungsOf(question).length > 1 ? html`${utc(turnUntil)}, then others are asked too` : utc(turnUntil);
  return html`<dl>${term('Why a person', reasons[reason])}${term('Asked now', asked.map(exact).join(', ') || 'nobody any more')}${term('Their turn until', ladder)}${term('Last moment', utc(deadline))}${term('Answers needed', `${quorum}`)}${term('Asked by', `${exact(requester)}, who cannot answer`)}${term('Answers', votes(question))}</dl>`;
}

/** What the viewer may do here: answer with a token that is made for them, or nothing, with the reason. */
export type MayDo = { readonly token: string } | { readonly not: string };

const form = ({ digest, run }: OpenQuestion, token: string): Html =>
  html`<form method="post"><input type="hidden" name="digest" value="${digest}"><input type="hidden" name="token" value="${token}"><label for="note">Why (optional; kept in the record of run ${run})</label><textarea id="note" name="note" rows="3" maxlength="500"></textarea><button type="submit" name="verdict" value="approved">Approve</button><button type="submit" name="verdict" value="rejected">Reject</button></form>`;

function headline({ answer, open, minutesLeft, asks, step }: OpenQuestion): string {
  if (answer) return `${verdictWord[answer.verdict]} by ${exact(answer.person)}`;
  if (!open) return 'Nobody can answer this any more';
  const minutes = minutesLeft === 1 ? '1 minute' : `${minutesLeft} minutes`;
  return `${exact(asks?.title ?? step)}: ${minutes} left to answer`;
}

/** The page of one question. Looking at it changes nothing; the form that answers is there for whoever may. */
export function approvalPage(question: OpenQuestion, may: MayDo, told = ''): string {
  const head = headline(question);
  const act =
    'token' in may ? form(question, may.token) : when(question.open, () => html`<p class="now">${exact(may.not)}</p>`);
  return page(
    `Cordon: ${head}`,
    html`${when(told, () => html`<p class="now" role="status">${told}</p>`)}<h1>${head}</h1><h2>What was found</h2>${found(question)}<h2>Already cut</h2>${cutAlready(question)}<h2>What this approves</h2>${planPart(question)}<h2>Who is asked</h2>${asking(question)}${act}`,
  );
}

/** A page that says why something was not done. */
export const refusalPage = ({ code, message, remedy = '' }: CordonError): string =>
  page(
    'Cordon: nothing was done',
    html`<h1>Nothing was done</h1><p role="alert">${exact(message)}</p>${when(remedy, () => html`<p>${exact(remedy)}</p>`)}<p><code>${code}</code></p>`,
  );
