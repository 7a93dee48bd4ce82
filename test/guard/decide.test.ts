import { describe, expect, test } from 'vitest';
import { decide, type Question } from '../../shared/guard/decide.ts';
import { monitorRestoreDiagnosticSettings } from '../../shared/actions/azure/monitor-restore-diagnostic-settings.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { findingIn, readEvent } from '../support/events.ts';
import { development, northwindSettings, production, subscription, tenant } from '../support/company.ts';

const finding = findingIn(readEvent('guardduty/leaked-access-key'));
const target: JsonObject = {
  type: 'aws.iam.access-key',
  id: 'AKIACIDEPLOY00000001',
  name: 'ci-deploy',
  account: production,
  region: '',
  userName: 'ci-deploy',
  userArn: `arn:aws:iam::${production}:user/ci-deploy`,
  tags: {},
};
const settings = northwindSettings();
const plain: Question = {
  finding,
  target,
  action: { id: 'aws.iam.disable-access-key', target: 'aws.iam.access-key' },
  step: { id: 'disable' },
  input: { userName: 'ci-deploy', accessKeyId: 'AKIACIDEPLOY00000001' },
  account: production,
  settings,
  limits: { perHour: 2 },
  spent: { playbook: false, account: false },
  fleets: [],
  breakerOpen: false,
  killSwitch: false,
  now: '2026-11-20T09:05:00.000Z',
};
const short = (question: Partial<Question>) => {
  const { decision, reason } = decide({ ...plain, ...question });
  return `${decision} ${reason}`;
};
const targetWith = (facts: JsonObject): Partial<Question> => ({ target: { ...target, ...facts } });
const protections = (when: JsonObject, decision: 'ask' | 'deny' = 'deny', kind: 'target' | 'principal' = 'target') => ({
  settings: northwindSettings({ protections: [{ name: 'theirs', when, decision, kind }] }),
});
const approve = { by: ['oncall'], within: '30m', silence: 'lapse', quorum: 1 } as const;
const asks = (pattern: { when?: JsonObject; unless?: JsonObject }) => ({
  step: { id: 's', approve: { ...approve, by: [...approve.by], ...pattern } },
});
const database = { target: { tags: { role: ['database'] } } };

test('with nothing against it, it is allowed', () => expect(short({})).toBe('allow allowed'));

describe('each guardrail says no, or asks, by itself', () => {
  const rows: readonly (readonly [string, Partial<Question>, string])[] = [
    ['the kill switch', { killSwitch: true }, 'deny kill-switch'],
    ['an account out of scope', { account: '000000000000' }, 'deny account-out-of-scope'],
    ['no account', { account: '' }, 'deny account-out-of-scope'],
    ['an account called like a prototype', { account: 'constructor' }, 'deny account-out-of-scope'],
    ['a target of another account', targetWith({ account: development }), 'deny foreign-account'],
    ['a target of no account', targetWith({ account: '' }), 'deny foreign-account'],
    ['a target of the tenant in an AWS finding', targetWith({ account: tenant }), 'deny foreign-account'],
    ['root', targetWith({ id: `arn:aws:iam::${production}:root` }), 'deny protected-principal'],
    [
      'a service-linked role',
      targetWith({ rolePath: '/aws-service-role/ec2.amazonaws.com/' }),
      'deny protected-principal',
    ],
    [
      'a role of Identity Center, by IAM',
      targetWith({ rolePath: '/aws-reserved/sso.amazonaws.com/' }),
      'deny protected-principal',
    ],
    ['a role of Cordon', targetWith({ roleName: 'CordonWriter' }), 'deny protected-principal'],
    ['a function called like ours', targetWith({ functionName: 'cordon-production-on-run' }), 'ask protected-target'],
    [
      'a storage account called like ours',
      targetWith({ type: 'azure.storage.account', name: 'cordonstate7f3a' }),
      'ask protected-target',
    ],
    [
      'the account of malicious blobs',
      targetWith({ type: 'azure.storage.account', name: 'northwindquarantine' }),
      'deny protected-target',
    ],
    [
      'the bucket of malicious objects',
      targetWith({ type: 'aws.s3.bucket', bucket: 'northwind-quarantine' }),
      'deny protected-target',
    ],
    ['a managed resource', targetWith({ managedBy: ['autoscaling.amazonaws.com'] }), 'ask protected-target'],
    [
      'a protection of the settings',
      { ...targetWith({ tags: { role: 'database' } }), ...protections(database) },
      'deny protected-target',
    ],
    [
      'a protection that asks',
      { ...targetWith({ tags: { role: 'database' } }), ...protections(database, 'ask') },
      'ask protected-target',
    ],
    [
      'a protected principal by pattern',
      { ...targetWith({ tags: { role: 'database' } }), ...protections(database, 'deny', 'principal') },
      'deny protected-principal',
    ],
    ['a protection by action', protections({ action: [{ prefix: 'aws.iam.' }] }), 'deny protected-target'],
    ['a protection by finding', protections({ finding: { severity: ['Medium'] } }), 'deny protected-target'],
    [
      'an irreversible action',
      { action: { ...plain.action, irreversible: 'gone is gone' } },
      'ask irreversible-action',
    ],
    ['the limit of the playbook', { spent: { playbook: true, account: false } }, 'ask limit-per-hour'],
    ['the limit of the account', { spent: { playbook: false, account: true } }, 'ask limit-account'],
    ['both limits', { spent: { playbook: true, account: true } }, 'ask limit-account'],
    ['an open breaker', { breakerOpen: true, spent: { playbook: true, account: true } }, 'ask breaker-open'],
    ['an approval always asked', asks({}), 'ask approval-asked'],
  ];
  test.each(rows)('%s', (_, question, wanted) => expect(short(question)).toBe(wanted));

  test('a role of Identity Center may be contained by Identity Center itself', () => {
    const action = { id: 'aws.sso.remove-assignment', target: 'aws.iam.role-session' } as const;
    expect(short({ ...targetWith({ rolePath: '/aws-reserved/sso.amazonaws.com/' }), action })).toBe('allow allowed');
  });

  test.each([
    ['aws.ec2.isolate-instance', { sourceDestCheck: false }],
    ['azure.compute.isolate-virtual-machine', { ipForwarding: true }],
  ] as const)('a router is not isolated by %s', (id, facts) => {
    const action = { id, target: 'aws.ec2.instance' } as const;
    expect(short({ ...targetWith(facts), action })).toBe('deny protected-target');
    expect(short({ ...targetWith({ sourceDestCheck: true, ipForwarding: false }), action })).toBe('allow allowed');
  });
});

describe('protected principals', () => {
  const protecting = (...protectedPrincipals: string[]) => ({ settings: northwindSettings({ protectedPrincipals }) });
  test.each<[string, string, Partial<Question>]>([
    ['by name in an ARN', `arn:aws:iam::${production}:user/team/ci-deploy`, {}],
    ['by ARN', `arn:aws:iam::${production}:user/ci-deploy`, { input: {} }],
    ['by key', 'AKIACIDEPLOY00000001', {}],
    ['by user principal name', 'maria.lind@northwind.example', { input: { userId: 'maria.lind@northwind.example' } }],
    [
      'by user principal name in other letters',
      'maria.lind@northwind.example',
      { input: { userId: 'Maria.Lind@Northwind.Example' } },
    ],
    ['by name in other letters', `arn:aws:iam::${production}:user/Ci-Deploy`, {}],
    [
      'by object id in capitals',
      '0A1B2C3D-0000-4000-8000-0000000000AA',
      { input: { userId: '0a1b2c3d-0000-4000-8000-0000000000aa' } },
    ],
    ['by session name', 'jonas.berg@northwind.example', targetWith({ sessionName: 'jonas.berg@northwind.example' })],
    ['deep in a list of the input', 'AIDA0001', { input: { list: [{ id: ['AIDA0001'] }] } }],
  ])('are found %s', (_, principal, question) => {
    expect(short({ ...question, ...protecting(principal) })).toBe('deny protected-principal');
  });

  test('others are not', () => {
    expect(short(protecting(`arn:aws:iam::${production}:user/break-glass`, 'ci-deploy-2', 'deploy'))).toBe(
      'allow allowed',
    );
  });

  test('are not whoever carries their name as a tag', () => {
    expect(short({ ...targetWith({ tags: { owner: 'break-glass' } }), ...protecting('break-glass') })).toBe(
      'allow allowed',
    );
  });

  test("are Cordon's own roles, whatever they are called", () => {
    const own = northwindSettings();
    const renamed = {
      settings: { ...own, aws: { ...own.aws, readerRole: 'SecurityReader', writerRole: 'SecurityWriter' } },
    };
    expect(short({ ...targetWith({ roleName: 'SecurityReader' }), ...renamed })).toBe('deny protected-principal');
    expect(short({ input: { roleName: 'SecurityWriter' }, ...renamed })).toBe('deny protected-principal');
  });
});

describe('the strictest answer wins', () => {
  test('deny over ask over allow, whatever comes first', () => {
    const question: Partial<Question> = {
      ...asks({}),
      ...targetWith({ managedBy: ['x'], roleName: 'CordonReader' }),
      spent: { playbook: true, account: true },
    };
    expect(short(question)).toBe('deny protected-principal');
    expect(short({ ...question, killSwitch: true })).toBe('deny kill-switch');
    expect(short({ ...asks({}), spent: { playbook: true, account: false } })).toBe('ask limit-per-hour');
  });

  test('tags make a decision stricter and never laxer', () => {
    const tags: JsonObject[] = [
      {},
      { environment: 'staging' },
      { role: 'database' },
      { 'cordon:protected': 'false', 'cordon:allow': 'true', managedBy: '' },
      { userName: 'somebody-else', account: production, roleName: 'x' },
    ];
    const strictness = ['allow', 'ask', 'deny'];
    const rank = (question: Partial<Question>) => strictness.indexOf(decide({ ...plain, ...question }).decision);
    const facts: JsonObject[] = [
      {},
      { roleName: 'CordonWriter' },
      { managedBy: ['x'] },
      { id: 'arn:aws:iam::1:root' },
      { account: development },
    ];
    for (const fact of facts)
      for (const tagged of tags) {
        const bare = rank({ ...targetWith(fact), ...protections(database) });
        expect(rank({ ...targetWith({ ...fact, tags: tagged }), ...protections(database) })).toBeGreaterThanOrEqual(
          bare,
        );
      }
  });
});

describe('asking a person', () => {
  const staging = { target: { tags: { environment: ['staging'] } } };
  test.each<[string, Partial<Question>, string]>([
    ['unless matches a fact', asks({ unless: { target: { userName: ['ci-deploy'] } } }), 'allow'],
    [
      'unless matches a tag, which anybody could have written',
      { ...asks({ unless: staging }), ...targetWith({ tags: { environment: 'staging' } }) },
      'ask',
    ],
    [
      'unless does not match',
      { ...asks({ unless: staging }), ...targetWith({ tags: { environment: 'production' } }) },
      'ask',
    ],
    ['what unless asks for cannot be read', { ...asks({ unless: staging }), ...targetWith({ tags: {} }) }, 'ask'],
    ['when matches', { ...asks({ when: staging }), ...targetWith({ tags: { environment: 'staging' } }) }, 'ask'],
    [
      'when does not match',
      { ...asks({ when: staging }), ...targetWith({ tags: { environment: 'production' } }) },
      'allow',
    ],
    [
      'the tags that when asks for were not read',
      { ...asks({ when: staging }), target: { ...target, tags: undefined } as unknown as JsonObject },
      'ask',
    ],
    [
      'when asks for a list of the finding, where "any" would be dangerous',
      asks({ when: { finding: { resources: { name: ['x'] } } } }),
      'ask',
    ],
    [
      'unless asks for a list of the finding',
      asks({ unless: { finding: { resources: { name: ['ci-deploy'] } } } }),
      'ask',
    ],
    ['when asks for what no guard sees', asks({ when: { steps: { a: { outcome: ['failed'] } } } }), 'ask'],
    [
      'when matches and unless too',
      asks({ when: { finding: { severity: ['Medium'] } }, unless: { target: { userName: ['ci-deploy'] } } }),
      'allow',
    ],
  ])('%s', (_, question, wanted) => expect(decide({ ...plain, ...question }).decision).toBe(wanted));
});

test.each<[string, JsonObject, JsonObject]>([
  [
    'a firewall rule',
    { type: 'azure.sql.server', openRules: ['emergency-access@northwind.example'] },
    { rule: 'break-glass' },
  ],
  [
    'a workload',
    { type: 'aws.eks.workload', name: 'break-glass', serviceAccount: 'break-glass' },
    { workload: 'break-glass' },
  ],
  [
    'a function',
    { type: 'aws.lambda.function', name: 'break-glass' },
    { functionName: 'break-glass', statementId: 'break-glass' },
  ],
  ['an application', { type: 'azure.entra.service-principal', displayName: 'emergency-access@northwind.example' }, {}],
])('%s is not protected by what an attacker has called it', (_, facts, input) => {
  const { id: __, userName: ___, userArn: ____, ...neutral } = target;
  const protectedPrincipals = [`arn:aws:iam::${production}:user/break-glass`, 'emergency-access@northwind.example'];
  const settings = northwindSettings({ protectedPrincipals });
  expect(short({ settings, target: { ...neutral, name: 'x', ...facts }, input })).toBe('allow allowed');
  expect(short({ settings, input: { user: 'emergency-access@northwind.example' } })).toBe('deny protected-principal');
});

test('logs of one subscription may be sent to another again', () => {
  const example = monitorRestoreDiagnosticSettings.examples[0];
  const input = JSON.parse(
    JSON.stringify(example).replaceAll(`${subscription}/resourceGroups`, 'elsewhere/resourceGroups'),
  );
  const azure: Partial<Question> = {
    finding: { ...finding, cloud: 'azure', account: subscription },
    ...targetWith({ account: subscription }),
    account: subscription,
    action: monitorRestoreDiagnosticSettings,
    input,
  };
  expect(short(azure)).toBe('allow allowed');
  expect(short({ ...azure, input: { ...input, settingId: input.settingId.replace(subscription, 'elsewhere') } })).toBe(
    'deny foreign-account',
  );
});

test('an Azure finding may act on its subscription and on the tenant, spelt in any case', () => {
  const azure: Partial<Question> = {
    finding: { ...finding, cloud: 'azure', account: subscription },
    account: subscription.toUpperCase(),
  };
  expect(short({ ...azure, ...targetWith({ account: subscription.toUpperCase() }) })).toBe('allow allowed');
  expect(short({ ...azure, ...targetWith({ account: tenant }) })).toBe('allow allowed');
  expect(short({ ...azure, ...targetWith({ account: '0a1b2c3d-0000-4000-8000-000000000002' }) })).toBe(
    'deny foreign-account',
  );
  const elsewhere = northwindSettings();
  const { tenant: _, ...azureAlone } = elsewhere.azure;
  const untenanted = { settings: { ...elsewhere, azure: { ...azureAlone, subscriptions: [subscription] } } };
  expect(short({ ...azure, ...untenanted, ...targetWith({ account: '' }) })).toBe('deny foreign-account');
});
