import { describe, expect, it } from 'vitest';
import { Examined } from '../../shared/model/examined.ts';
import { own } from '../../shared/model/json.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { type Answer, type Asked, asked, at } from '../support/api.ts';
import { production, subscription } from '../support/company.ts';
import { leakedKey } from '../support/doors.ts';

const linesIn = ({ body }: Answer) => Examined.array().parse(own(body, 'lines'));
const about = (part: string, one: Asked) => one.ask('POST', '/doctor', { as: 'ron', body: { part } });

describe('the doctor of a deployment', () => {
  it('lists its parts and examines one at a time, with the identities that the deployment works with', async () => {
    const one = asked();
    const parts = await one.ask('GET', '/doctor', { as: 'ron' });
    const account = `AWS account ${production}`;
    expect(own(parts.body, 'parts')).toEqual(
      expect.arrayContaining(['settings', 'secrets', account, `subscription ${subscription}`, 'events']),
    );
    const lines = linesIn(await about(account, one));
    expect(new Set(lines.map(({ part }) => part))).toEqual(new Set([`aws ${production}`]));
    expect(lines).toContainEqual({ part: `aws ${production}`, mark: 'ok', what: 'CordonReader can be assumed' });
    expect(
      one.sandbox.recorder.calls.filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole'),
    ).toEqual([]);
    expect(await about('the weather', one)).toMatchObject({ status: 404, body: { code: 'no-such-part' } });
  });

  it('answers in the time that a request has, and says what it did not come to', async () => {
    const one = asked({}, { deadline: () => AbortSignal.abort(new Error('the time is up')) });
    const answer = await about(`AWS account ${production}`, one);
    expect(answer.status).toBe(200);
    expect(linesIn(answer).some(({ mark }) => mark === 'ok')).toBe(false);
    expect(one.sandbox.recorder.calls).toEqual([]);
  });

  it('says so where nothing can examine the deployment', async () => {
    const one = asked({}, {}, 'nobody');
    expect(await one.ask('GET', '/doctor', { as: 'ron' })).toMatchObject({
      status: 404,
      body: { code: 'no-examiner' },
    });
  });
});

describe('the writer, examined by what may not have it', () => {
  const writerLine = async (one: Asked) => {
    const lines = linesIn(await about(`AWS account ${production}`, one));
    return lines.find(({ what }) => what.includes('CordonWriter'));
  };
  /** As in a deployment: the writer trusts whoever carries runs, and not what answers people. */
  const shut = (one: Asked): void => {
    const key = `${production}/CordonWriter`;
    const role = one.sandbox.rows.get(roles, key);
    if (!role) throw new Error('the estate has no such role');
    one.sandbox.rows.put(roles, key, { ...role, trust: role.trust.replace('cordon-home', 'cordon-run') });
  };

  const answering = () => asked({}, {}, { writers: 'elsewhere' });

  it('is out of its place where it can be had all the same', async () => {
    expect(await writerLine(answering())).toMatchObject({
      mark: 'missing',
      what: 'CordonWriter can be assumed, by what answers people',
      right: 'sts:AssumeRole',
    });
  });

  it('is not shown to work before a run has changed something in the account, and is after', async () => {
    const untried = answering();
    shut(untried);
    expect(await writerLine(untried)).toMatchObject({
      mark: 'warning',
      remedy: expect.stringContaining('cordon drill'),
    });

    const one = answering();
    one.known(leakedKey());
    const body = { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' };
    const run = at(await one.ask('POST', '/runs', { as: 'ron', body }), 'runs.0.id');
    await one.carry();
    shut(one);
    expect(await writerLine(one)).toMatchObject({ mark: 'ok', what: expect.stringContaining(`run ${run} ended at`) });
  });
});
