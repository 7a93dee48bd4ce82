import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Settings, stageMode } from '../../../shared/config/settings.ts';
import { CordonError } from '../../../shared/model/error.ts';
import type { Environment } from '../../environment.ts';
import { findSettings } from '../../find-settings.ts';
import { forwardsTo, type Home } from '../../forward.ts';
import { readSettingsFile } from '../../settings-file.ts';

const needed = [
  ...(['CORDON_STAGE', 'CORDON_LOCATION', 'CORDON_GROUP', 'CORDON_MANAGEMENT_GROUP'] as const),
  ...(['CORDON_SUBSCRIPTIONS', 'CORDON_ALERT_EMAILS', 'CORDON_API_AUDIENCE'] as const),
] as const;
const switches = ['CORDON_ENFORCE', 'CORDON_RELAY', 'CORDON_SIGNALS', 'CORDON_OUTCOMES'] as const;

/** As the parameters `aws` and `fromAws` of app.bicep take them. */
const objects = {
  CORDON_AWS: z.strictObject({
    ...{ role: z.string().startsWith('arn:'), audience: z.string().min(1), region: z.string().min(1) },
    sourceIdentity: z.string(),
  }),
  CORDON_FROM_AWS: z.strictObject({ issuer: z.url(), roles: z.string().startsWith('arn:') }),
} as const;

/** What is said of each variable by itself. */
function* formProblems(environment: Environment): Generator<string> {
  for (const name of needed) if (!environment[name]) yield `${name} is not set`;
  for (const name of switches)
    if (!['', 'true', 'false'].includes(environment[name] ?? '')) yield `${name} is true or false`;
  for (const [name, form] of Object.entries(objects)) {
    const given = environment[name];
    if (!given) continue;
    const parsed = z.string().transform(jsonOf).pipe(form).safeParse(given);
    if (!parsed.success) yield `${name} is JSON with ${Object.keys(form.shape).join(', ')}`;
  }
}

function jsonOf(text: string, context: z.RefinementCtx<string>): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('no JSON');
    return z.NEVER;
  }
}

type Asked = {
  readonly stage: string | undefined;
  readonly forwards: Home['kind'] | undefined;
  /** Which of the variables ask for something. */
  readonly asks: (name: (typeof switches)[number] | keyof typeof objects) => boolean;
};

/** What makes no sense together, and what to do about it. */
const together: readonly (readonly [(asked: Asked) => boolean, string])[] = [
  [
    ({ stage, asks }) => stage === 'staging' && asks('CORDON_ENFORCE'),
    'CORDON_ENFORCE is for other stages: staging never changes anything',
  ],
  [
    ({ forwards, asks }) => forwards === 'event-bus' && !asks('CORDON_AWS'),
    'CORDON_FORWARD_TO names a bus of AWS, so CORDON_AWS has to say by which role it is reached',
  ],
  [
    ({ forwards, asks }) => forwards !== undefined && asks('CORDON_RELAY'),
    'CORDON_RELAY is for the home: where CORDON_FORWARD_TO is set nothing reads the alerts',
  ],
  [
    ({ forwards, asks }) => forwards === 'event-topic' && asks('CORDON_FROM_AWS'),
    'CORDON_FROM_AWS is for a home here or in AWS, and CORDON_FORWARD_TO names another in Azure',
  ],
  [
    ({ forwards, asks }) => forwards !== undefined && asks('CORDON_ENFORCE') && !asks('CORDON_FROM_AWS'),
    'CORDON_ENFORCE makes a writer that nobody uses: where CORDON_FORWARD_TO is set only the home changes things (CORDON_FROM_AWS)',
  ],
  [
    ({ forwards, asks }) => forwards !== undefined && asks('CORDON_OUTCOMES') && !asks('CORDON_FROM_AWS'),
    'CORDON_OUTCOMES makes a topic that nobody publishes on: only the home knows how runs end (CORDON_FROM_AWS)',
  ],
];

/** What stands against an environment before anything is deployed with it. */
export function environmentProblems(environment: Environment): readonly string[] {
  const problems = [...formProblems(environment)];
  let home: Home | undefined;
  try {
    home = forwardsTo(environment);
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    problems.push(thrown.message);
  }
  const asks: Asked['asks'] = (name) => !['', 'false'].includes(environment[name] ?? '');
  const asked: Asked = { stage: environment['CORDON_STAGE'], forwards: home?.kind, asks };
  return [...problems, ...together.flatMap(([holds, text]) => (holds(asked) ? [text] : []))];
}

/** What a deployment has to find in its settings. */
export type Wanted = {
  readonly subscriptions: readonly string[];
  readonly identities: readonly string[];
  /** Endpoint of the topic of outcomes that has been made; none when empty. */
  readonly eventTopic?: string;
};

/** The lines that the settings lack, as they belong into the file; empty where nothing is missing. */
export function linesToAdd({ azure, outcomeEvents }: Settings, wanted: Wanted): string {
  const lacking = (['subscriptions', 'identities'] as const).flatMap((key) => {
    const there = azure[key].map((id) => id.toLowerCase());
    const more = wanted[key].filter((id) => !there.includes(id.toLowerCase()));
    return more.length === 0 ? [] : [`  ${key}:`, ...more.map((id) => `    - ${id}`)];
  });
  const tenant = azure.tenant ? [] : ['  tenant: <what `az account show --query tenantId` says>'];
  const told = wanted.eventTopic && outcomeEvents.eventTopic === undefined;
  const lines = told ? ['outcomeEvents:', `  eventTopic: ${wanted.eventTopic}`] : [];
  return [...(lacking.length === 0 ? [] : ['azure:', ...tenant, ...lacking]), ...lines].join('\n');
}

/** Everything that stands against deploying now. */
async function problemsNow(environment: Environment, made: Omit<Wanted, 'subscriptions'>): Promise<readonly string[]> {
  const { file, text = '' } = await findSettings(undefined, environment);
  const { settings } = readSettingsFile(text, file, environment);
  const subscriptions = (environment['CORDON_SUBSCRIPTIONS'] ?? '').split(/\s+/).filter((id) => id !== '');
  const lines = linesToAdd(settings, { subscriptions, ...made });
  const idle = environment['CORDON_ENFORCE'] === 'true' && stageMode(settings) !== 'enforce';
  return [
    ...environmentProblems(environment),
    ...(idle
      ? [`CORDON_ENFORCE is for a stage that ${file} has under stages as enforce: ${settings.stage} is none`]
      : []),
    ...(lines === ''
      ? []
      : [`${file} does not know what is deployed here. Add these lines, and run this again:\n\n${lines}\n`]),
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { identities: { type: 'string', default: '[]' }, 'event-topic': { type: 'string', default: '' } },
  });
  try {
    const identities = z.array(z.uuid()).parse(JSON.parse(values.identities));
    const problems = await problemsNow(process.env, { identities, eventTopic: values['event-topic'] });
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 2;
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    console.error(thrown.describe());
    process.exitCode = 2;
  }
}
