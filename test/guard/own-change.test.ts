import { describe, expect, test } from 'vitest';
import { isOwnChange } from '../../shared/guard/own-change.ts';
import { screen } from '../../shared/ingest/screen.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { northwindSettings, production } from '../support/company.ts';

const run = 'cordon-esfefnkl6bju4a5ubs56es2es7';
const foreign = '123456789012';
const identity = '0a1b2c3d-0000-4000-8000-00000000c0df';
const plain = northwindSettings();
const settings = { ...plain, azure: { ...plain.azure, identities: [identity] } };
const actorIn = (account: string, role: string, sessionName: string): Pick<Finding, 'actor'> => ({
  actor: {
    type: 'role-session',
    account,
    sessionName,
    role: { name: role, arn: `arn:aws:iam::${account}:role/${role}` },
    addresses: [],
  },
});
const nobody: Pick<Finding, 'actor'> = { actor: undefined };
const recordOf = (account: string, role: string, sessionName: string, more: Json = {}): Json => ({
  detail: {
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`,
      sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${account}:role/${role}` } },
      ...(more as object),
    },
  },
});

describe('a change is our own', () => {
  test.each<[string, Pick<Finding, 'actor'>, Json]>([
    ['by the session of a run in our writer', actorIn(production, 'CordonWriter', run), {}],
    ['by the session of a run in our reader', actorIn(production, 'CordonReader', run), {}],
    ['as CloudTrail tells it', nobody, recordOf(production, 'CordonWriter', run)],
    [
      'by one of our managed identities',
      { actor: { type: 'other', userId: identity.toUpperCase(), addresses: [] } },
      {},
    ],
    [
      'as the activity log tells it',
      nobody,
      { data: { claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': identity } } },
    ],
  ])('%s', (_, finding, event) => expect(isOwnChange(settings, finding, event)).toBe(true));
});

describe('nobody passes for us', () => {
  test.each<[string, Pick<Finding, 'actor'>, Json]>([
    ['with a role of our name in a foreign account', actorIn(foreign, 'CordonWriter', run), {}],
    ['the same in CloudTrail', nobody, recordOf(foreign, 'CordonWriter', run)],
    ['with the name of a session alone', actorIn(production, 'web-server', run), {}],
    ['the same in CloudTrail', nobody, recordOf(production, 'web-server', run)],
    ['with our role under another session name', actorIn(production, 'CordonWriter', 'maria'), {}],
    ['with a session name that only begins like ours', actorIn(production, 'CordonWriter', `${run}x`), {}],
    ['with a role whose name only begins like ours', actorIn(production, 'CordonWriter2', run), {}],
    [
      'with an ARN of ours and an account of theirs',
      { actor: { ...actorIn(production, 'CordonWriter', run).actor, account: foreign } as Finding['actor'] },
      {},
    ],
    [
      'as a user called like the role',
      { actor: { type: 'iam-user', userName: 'CordonWriter', sessionName: run, addresses: [] } },
      {},
    ],
    ['as another type of caller', nobody, recordOf(production, 'CordonWriter', run, { type: 'IAMUser' })],
    [
      'with a session whose issuer is another role',
      nobody,
      recordOf(production, 'CordonWriter', run, {
        sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${foreign}:role/x` } },
      }),
    ],
    [
      'by another object id',
      { actor: { type: 'other', userId: '0a1b2c3d-0000-4000-8000-00000000c0de', addresses: [] } },
      {},
    ],
    [
      'by a note that names the run',
      nobody,
      { detail: { note: run, userAgent: run, requestParameters: { role: 'CordonWriter' } } },
    ],
  ])('%s', (_, finding, event) => expect(isOwnChange(settings, finding, event)).toBe(false));
});

describe('in the records that CloudTrail sends', () => {
  const own = readEvent('cloudtrail/own-block');
  const govCloud = { ...settings, aws: { ...settings.aws, partition: 'aws-us-gov' as const } };
  const inGovCloud = {
    'detail.awsRegion': 'us-gov-west-1',
    'detail.userIdentity.arn': `arn:aws-us-gov:sts::${production}:assumed-role/CordonWriter/${run}`,
    'detail.userIdentity.sessionContext.sessionIssuer.arn': `arn:aws-us-gov:iam::${production}:role/CordonWriter`,
  };
  /** The same record of another caller. */
  const by = (identity: Readonly<Record<string, Json | undefined>>): JsonObject =>
    withMembers(
      own,
      Object.fromEntries(Object.entries(identity).map(([path, value]) => [`detail.userIdentity.${path}`, value])),
    );
  const session = (role: string, name: string, account = production) =>
    by({
      accountId: account,
      principalId: `AROASOMEBODY00000001:${name}`,
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
      'sessionContext.sessionIssuer.arn': `arn:aws:iam::${account}:role/${role}`,
      'sessionContext.sessionIssuer.userName': role,
    });

  test.each<[string, JsonObject, typeof settings]>([
    ['a role with a path, which only its issuer has', own, settings],
    ['a session without its issuer', by({ 'sessionContext.sessionIssuer': undefined }), settings],
    ['our reader', session('CordonReader', run), settings],
    ['GovCloud', withMembers(own, inGovCloud), govCloud],
  ])('%s is us', (_, event, configured) => {
    expect(isOwnChange(configured, findingIn(event), event)).toBe(true);
    expect(isOwnChange(configured, findingIn(event), {})).toBe(true); // as the finding alone says it, too
  });

  test.each<[string, JsonObject, typeof settings]>([
    ['who merely names his session like ours', session('web-server', run), settings],
    ['who calls his role like ours, in his own account', session('CordonWriter', run, foreign), settings],
    ['who is in our role by another way', session('CordonWriter', 'jonas'), settings],
    ['who is called like our role', by({ type: 'IAMUser', userName: 'CordonWriter' }), settings],
    ['who is of another partition', withMembers(own, inGovCloud), settings],
    ['of another partition than configured', own, govCloud],
    [
      'who says in what he sends that he is us',
      withMembers(session('web-server', 'x'), {
        'detail.userAgent': run,
        'detail.requestParameters.role': 'CordonWriter',
      }),
      settings,
    ],
    [
      'an Azure principal of ours in words of his provider',
      by({ type: 'WebIdentityUser', userName: identity, principalId: `issuer:app:${identity}`, arn: undefined }),
      settings,
    ],
  ])('somebody %s is not', (_, event, configured) => {
    expect(isOwnChange(configured, findingIn(event), event)).toBe(false);
  });
});

test('it is skipped before anything is planned', () => {
  const finding = findingIn(readEvent('guardduty/leaked-access-key'));
  const envelope = { time: '2026-11-20T09:05:00.000Z', replayed: false };
  expect(screen(finding, envelope, '2026-11-20T09:05:00.000Z', 24, true)).toEqual({
    act: 'skip',
    reason: 'own-change',
  });
  expect(screen(finding, envelope, '2026-11-20T09:05:00.000Z', 24, false).act).toBe('enforce');
});
