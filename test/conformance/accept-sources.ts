import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvent, unwrap } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { messageOf } from '../../shared/model/error.ts';
import { type Json, own } from '../../shared/model/json.ts';
import { eventNames, readEvent } from '../support/events.ts';
import { problemsOf } from './json-schema.ts';

type Answer = { readonly line: string; readonly failed: boolean };

const line = (label: string, text: string, failed = false): Answer => ({
  line: `${failed ? 'FAIL' : 'ok  '} ${label}  ${text}`,
  failed,
});

/** The folders of collected events that GuardDuty and Defender send, and what each must come to. */
const folders: readonly { readonly folder: string; readonly only?: string; readonly kinds: readonly string[] }[] = [
  { folder: 'aws/guardduty-eventbridge', kinds: ['findings'] },
  { folder: 'aws/guardduty-detail-camelcase', kinds: ['malformed'] },
  { folder: 'aws/guardduty-eventbridge-pascal-detail', kinds: ['malformed'] },
  { folder: 'aws/guardduty-getfindings-pascalcase', kinds: ['malformed'] },
  { folder: 'aws/cloudtrail-eventbridge', kinds: ['findings', 'ignored'] },
  // whoever collected some of these has made up their regions
  { folder: 'aws/cloudtrail-eventbridge-derived', kinds: ['findings', 'ignored', 'malformed'] },
  // records as they stand in a trail's files, without the envelope
  { folder: 'aws/cloudtrail-record', kinds: ['malformed'] },
  // a preview of access says nothing of what there is
  { folder: 'aws/access-analyzer-eventbridge', only: 'Access-Analyzer-', kinds: ['findings'] },
  { folder: 'aws/access-analyzer-eventbridge', only: 'Access-Preview-', kinds: ['ignored'] },
  // the documented sample writes <linked account ID> for the account
  { folder: 'aws/cost-anomaly-eventbridge', kinds: ['malformed'] },
  { folder: 'aws/health-eventbridge', only: 'AWS-RISK-', kinds: ['findings'] },
  { folder: 'aws/health-eventbridge', only: 'AWS-EC2-', kinds: ['ignored'] },
  { folder: 'aws/inspector2-eventbridge', only: 'Inspector2-Finding-', kinds: ['findings'] },
  { folder: 'aws/inspector2-eventbridge', only: 'Inspector2-Scan-', kinds: ['ignored'] },
  { folder: 'aws/macie-eventbridge', kinds: ['findings'] },
  // checks that could not be made
  { folder: 'aws/securityhub-eventbridge/imported', kinds: ['ignored'] },
  { folder: 'aws/securityhub-eventbridge/custom-action', kinds: ['findings'] },
  { folder: 'aws/securityhub-eventbridge/insight', kinds: ['ignored'] },
  // the detail-type that was before there were three
  { folder: 'aws/securityhub-eventbridge/other', kinds: ['ignored'] },
  // findings as they stand in an answer, without the envelope
  { folder: 'aws/securityhub-asff-finding', kinds: ['malformed'] },
  // one is an incident
  { folder: 'azure/defender-alert-arm-api', kinds: ['findings', 'ignored'] },
  // one of these has its entities as a list, as an alert has
  { folder: 'azure/log-analytics-securityalert', kinds: ['ignored', 'findings'] },
  { folder: 'azure/graph-security-alert', kinds: ['ignored'] },
  // the documented sample writes SUBSCRIPTION_ID for the subscription
  { folder: 'azure/activity-log-security-alert', kinds: ['malformed'] },
  // the documented sample writes <subscription_id> for the subscription
  { folder: 'azure/eventgrid/eventgrid-schema', only: 'Microsoft.Security.', kinds: ['malformed'] },
  // the documented samples write {subscription-id} for the subscription
  { folder: 'azure/eventgrid/eventgrid-schema', only: 'Microsoft.Resource', kinds: ['malformed'] },
  { folder: 'azure/eventgrid/cloudevents', only: 'Microsoft.ResourceNotifications.Resources.', kinds: ['malformed'] },
  ...['Microsoft.', 'microsoft.', 'MICROSOFT.'].map((only) => ({
    folder: 'azure/activity-log-eventhub/records',
    only,
    kinds: ['findings', 'ignored'],
  })),
  // it names who was changed, not how
  { folder: 'azure/eventgrid/cloudevents', only: 'Microsoft.Graph.', kinds: ['ignored'] },
];

/** One message as `source -> what it makes`. */
function answer(label: string, event: Json, kinds: readonly string[]): Answer {
  const { source, reading } = normalise(event);
  const failed = source === null || !kinds.includes(reading.kind);
  if (reading.kind === 'findings') {
    const shown = reading.findings.map(
      ({ type, severity, resources }) => `${severity} ${type} on ${resources.map((one) => one.type).join(', ')}`,
    );
    return line(label, `${source}: ${shown.join('; ')}`, failed);
  }
  const why = reading.kind === 'ignored' ? reading.reason : reading.problem;
  return line(label, `${source}: ${reading.kind}: ${why}`, failed);
}

async function acceptFile(root: string, path: string, kinds: readonly string[]): Promise<readonly Answer[]> {
  try {
    const parsed = parseEvent(await readFile(join(root, path), 'utf8'));
    if ('problem' in parsed) return [line(path, parsed.problem, true)];
    return unwrap(parsed.event).map((event) => answer(path, event, kinds));
  } catch (thrown) {
    return [line(path, `threw: ${messageOf(thrown)}`, true)];
  }
}

const jsonIn = async (folder: string, recursive = false): Promise<readonly string[]> =>
  (await readdir(folder, { recursive, encoding: 'utf8' })).filter((name) => name.endsWith('.json')).sort();

async function acceptFolders(root: string): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { folder, only = '', kinds } of folders)
    for (const name of await jsonIn(join(root, folder)))
      if (name.startsWith(only)) answers.push(...(await acceptFile(root, `${folder}/${name}`, kinds)));
  return answers;
}

/** Every other collected event: none may throw, and none may be taken for a finding. */
async function acceptOthers(root: string): Promise<Answer> {
  const others = (await jsonIn(root, true)).filter(
    (path) => !folders.some(({ folder, only = '' }) => path.startsWith(`${folder}/${only}`)),
  );
  const wrong: string[] = [];
  for (const path of others) {
    const [bad] = (await acceptFile(root, path, ['ignored', 'malformed'])).filter(({ line: text }) =>
      /threw|larger|deeper|not JSON|: (Critical|High|Medium|Low|Informational|Unknown) /.test(text),
    );
    if (bad) wrong.push(bad.line);
  }
  return line(
    'other events',
    `${others.length} files, ${wrong.length} taken for a finding ${wrong.join(' | ')}`,
    wrong.length > 0,
  );
}

/** What of an event the vendor's schema is of; GuardDuty's `additionalInfo` is free form on the wire, not in the model. */
const schemas: readonly {
  readonly folder: string;
  readonly schema: string;
  readonly within: (event: Json) => readonly unknown[];
  readonly free?: string;
}[] = [
  {
    folder: 'guardduty/',
    schema: 'schemas/guardduty-finding.camelcase.schema.json',
    within: (event) => [own(event, 'detail')],
    free: '.additionalInfo',
  },
  ...['security-hub/', 'security-hub-action/'].map((folder) => ({
    folder,
    schema: 'schemas/securityhub-asff.schema.json',
    within: (event: Json) => [own(own(event, 'detail'), 'findings')].flat(),
  })),
];

/** Our own events against the schemas made of the vendor's service models. */
async function acceptFixtures(catalog: string): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { folder, schema: file, within, free } of schemas) {
    const path = join(catalog, file);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) answers.push(line('fixtures', `skipped: ${path} is not there`));
    const schema: unknown = JSON.parse(text ?? '{}');
    for (const name of text === undefined ? [] : eventNames.filter((one) => one.startsWith(folder))) {
      const problems = within(readEvent(name))
        .flatMap((part) => problemsOf(part, schema))
        .filter((one) => free === undefined || !one.includes(free));
      answers.push(
        line(`fixture ${name}`, problems.join(' | ') || 'conforms to the vendor schema', problems.length > 0),
      );
    }
  }
  return answers;
}

/** Holds the sources against collected events of both clouds, and our fixtures against the vendor's schema. */
export async function acceptSources(sharedDir: string): Promise<{ lines: string[]; failed: boolean }> {
  const events = join(sharedDir, 'events');
  const answers = [
    ...(await acceptFolders(events)),
    await acceptOthers(events),
    ...(await acceptFixtures(join(sharedDir, 'catalog'))),
  ];
  return { lines: answers.map(({ line: text }) => text), failed: answers.some(({ failed }) => failed) };
}
