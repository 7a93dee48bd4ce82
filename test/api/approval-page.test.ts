import { describe, expect, it } from 'vitest';
import { approvalPage, refusalPage } from '../../shared/api/approval-page.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { readApproval } from '../../shared/records/approvals.ts';
import { issue } from '../../shared/report/approval-token.ts';
import { aboutQuestion, type OpenQuestion } from '../../shared/run/inbox.ts';
import { type Questioned, questioned } from '../support/answering.ts';
import { injections } from '../support/injections.ts';

const browser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
const formKind = { 'content-type': 'application/x-www-form-urlencoded' };

async function opened({ send, id }: Questioned, as: string, method = 'GET') {
  const answer = await send(`/approvals/${id}`, { method, headers: { ...browser, 'x-caller': as } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const fieldsIn = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]),
  );

type Posted = { readonly as: string; readonly headers?: Record<string, string> };
async function posted({ send, id }: Questioned, fields: Record<string, string>, { as, headers = {} }: Posted) {
  const answer = await send(`/approvals/${id}`, {
    method: 'POST',
    headers: { ...formKind, 'x-caller': as, ...headers },
    body: new URLSearchParams(fields).toString(),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const votesOf = async ({ deps, id }: Questioned) => (await readApproval(deps, id))?.votes ?? [];

/** Tags with their attributes, in order; fails on a stray angle bracket. */
function shapeOf(page: string): string[] {
  const tags = page.replace('<!doctype html>', '').replace(/<style>[^<]*<\/style>/, '');
  const form = /<(\/?[a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/g;
  expect(tags.replaceAll(form, '')).not.toMatch(/[<>]/);
  return [...tags.matchAll(form)].map(([, name, attributes = '']) =>
    [name, ...[...attributes.matchAll(/ ([a-z-]+)(?:=)?/g)].map(([, attribute]) => attribute)].join(' '),
  );
}

describe('the page of a question', () => {
  it('shows what was found, what is asked, of whom and until when, with a form for who may answer', async () => {
    const world = await questioned('careful-key');
    const { status, text } = await opened(world, 'abe');
    expect(status).toBe(200);
    for (const part of ['AKIACIDEPLOY00000001', 'Active', 'Inactive', world.digest, 'on-call', 'rita', 'Nothing yet'])
      expect(text).toContain(part);
    expect(fieldsIn(text)).toMatchObject({ digest: world.digest });
    expect(text.match(/<button/g)).toHaveLength(2);
    for (const label of ['lang="en"', '<label for="note"', 'scope="col"', '<h1>']) expect(text).toContain(label);
  });

  it.each(['rita', 'ada', 'vera'])('has no form for %s, and says why', async (who) => {
    const world = await questioned('careful-key');
    const { status, text } = await opened(world, who);
    expect(status).toBe(200);
    expect(text).not.toContain('<form');
    expect(text).toMatch(/a second person answers|the question is for|may not approve/);
  });

  it('is not shown to whom it does not concern', async () => {
    const world = await questioned('careful-key');
    expect((await opened(world, 'far')).status).toBe(403);
    expect((await world.send(`/approvals/${world.id}`, { headers: browser })).status).toBe(401);
    expect((await world.send('/approvals/nothing', { headers: { ...browser, 'x-caller': 'abe' } })).status).toBe(404);
  });

  it('loads, runs and frames nothing, and is kept nowhere', async () => {
    const { headers, text } = await opened(await questioned('careful-key'), 'abe');
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(part);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/<script| on\w+=| style=|<img|<link|<iframe|https?:/);
  });

  it('is data for whoever does not ask for a page', async () => {
    const { ask, id, digest } = await questioned('careful-key');
    expect(await ask('GET', `/approvals/${id}`, { as: 'abe' })).toMatchObject({
      status: 200,
      body: { id, digest, open: true, asked: ['on-call'], minutesLeft: 30, asks: { changes: [{ from: 'Active' }] } },
    });
  });

  it('changes nothing by being looked at: not by a scanner of links, in any way it asks', async () => {
    const world = await questioned('careful-key');
    const before = await world.deps.records.read('approval', world.id);
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      for (const query of ['', '?verdict=approved', `?verdict=approved&digest=${world.digest}`])
        await world.send(`/approvals/${world.id}${query}`, { method, headers: { ...browser, 'x-caller': 'abe' } });
    expect(await world.deps.records.read('approval', world.id)).toEqual(before);
    expect(world.started).toEqual([]);
  });
});

describe('the form of the page', () => {
  const answered = async (world: Questioned, changed: Record<string, string> = {}, sent: Posted = { as: 'abe' }) =>
    posted(
      world,
      { ...fieldsIn((await opened(world, 'abe')).text), note: 'seen', verdict: 'approved', ...changed },
      sent,
    );

  it('answers, and shows what was answered', async () => {
    const world = await questioned('careful-key');
    const { status, text } = await answered(world, {}, { as: 'abe', headers: { 'sec-fetch-site': 'same-origin' } });
    expect(status).toBe(200);
    expect(text).toContain('Your answer is recorded.');
    expect(text).not.toContain('<form');
    expect(await votesOf(world)).toMatchObject([{ person: 'abe', verdict: 'approved', note: 'seen', channel: 'http' }]);
    expect(world.started).toHaveLength(1);
  });

  it('says how many answers are still needed', async () => {
    const world = await questioned('two-of-us');
    expect((await answered(world)).text).toContain('Your answer is recorded: 1 of 2.');
  });

  const refused: readonly { readonly what: string; readonly fields: Record<string, string>; readonly sent?: Posted }[] =
    [
      { what: 'without a token', fields: { token: '' } },
      { what: 'with a token that nobody has signed', fields: { token: 'e30~test.AAAA' } },
      { what: 'from another site', fields: {}, sent: { as: 'abe', headers: { 'sec-fetch-site': 'cross-site' } } },
      { what: 'from a site beside it', fields: {}, sent: { as: 'abe', headers: { 'sec-fetch-site': 'same-site' } } },
      { what: 'with another person’s page', fields: {}, sent: { as: 'rita' } },
      { what: 'about another plan', fields: { digest: 'f'.repeat(64) } },
      { what: 'with no answer in it', fields: { verdict: 'maybe' } },
      { what: 'with a field of its own', fields: { approval: 'other' } },
      { what: 'with a long note', fields: { note: 'x'.repeat(501) } },
    ];
  it.each(refused)('counts for nothing $what', async ({ fields, sent }) => {
    const world = await questioned('careful-key');
    const { status, text } = await answered(world, fields, sent);
    expect(status).toBe(403);
    expect(text).toContain('not-from-the-page');
    expect(await votesOf(world)).toEqual([]);
    expect(world.started).toEqual([]);
  });

  it('counts for nothing with a token that was made for a button, or for another question', async () => {
    const world = await questioned('careful-key');
    const { deps, id, digest } = world;
    const exp = '2026-12-01T00:00:00.000Z';
    const tokens = [
      await issue(deps.signer, { approval: id, digest, exp, verdict: 'approved' }),
      await issue(deps.signer, { approval: 'another', digest, exp, person: 'abe' }),
    ];
    for (const token of tokens) expect((await answered(world, { token })).status).toBe(403);
    expect(await votesOf(world)).toEqual([]);
  });

  it('has each field once', async () => {
    const world = await questioned('careful-key');
    const fields = new URLSearchParams({ ...fieldsIn((await opened(world, 'abe')).text), verdict: 'rejected' });
    fields.append('verdict', 'approved');
    const headers = { ...formKind, 'x-caller': 'abe' };
    const answer = await world.send(`/approvals/${world.id}`, { method: 'POST', headers, body: fields.toString() });
    expect(answer.status).toBe(403);
    expect(await votesOf(world)).toEqual([]);
  });
});

describe('text that an attacker chose', () => {
  const filled = (plain: OpenQuestion, text: string): OpenQuestion => {
    const step = plain.asks && {
      ...plain.asks,
      detail: text,
      cautions: [text],
      changes: [{ resource: text, from: { [text]: text }, to: text }],
    };
    const vote = {
      verdict: 'rejected',
      person: text,
      at: plain.askedAt,
      note: text,
      channel: 'http',
      signature: '',
    } as const;
    return {
      ...plain,
      account: text,
      target: text,
      targetName: text,
      requester: text,
      finding: plain.finding && { ...plain.finding, id: text, type: text, title: text, description: text },
      cut: [{ action: 'aws.iam.disable-access-key', targetName: text, since: plain.askedAt }],
      asks: step,
      plan: plain.plan && step && { ...plain.plan, target: text, steps: [step] },
      votes: [vote],
    };
  };

  it('adds no element and no attribute to the page, wherever it stands', async () => {
    const world = await questioned('careful-key');
    const approval = await readApproval(world.deps, world.id);
    if (!approval) throw new Error('the question is not there');
    const plain = await aboutQuestion(world.deps, approval);
    const shape = shapeOf(approvalPage(filled(plain, 'harmless'), { token: 'a.b' }));
    expect(shape).toContain('form method');
    for (const text of injections) {
      const shown = approvalPage(filled(plain, text), { token: 'a.b' });
      expect(shapeOf(shown)).toEqual(shape);
      expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
    }
  });

  it('does so in no refusal either', () => {
    const refusal = (message: string) => refusalPage(new InvalidInput({ code: 'four-eyes', message, remedy: message }));
    for (const text of injections) expect(shapeOf(refusal(`no ${text}`))).toEqual(shapeOf(refusal('no')));
  });
});
