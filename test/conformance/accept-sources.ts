import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalise, parseEvent, unwrap } from '../../shared/ingest/recognise.ts';
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
  { folder: 'azure/defender-alert-arm-api', kinds: ['findings'] },
  // one of these has its entities as a list, as an alert has
  { folder: 'azure/log-analytics-securityalert', kinds: ['ignored', 'findings'] },
  { folder: 'azure/graph-security-alert', kinds: ['ignored'] },
  { folder: 'azure/activity-log-security-alert', kinds: ['ignored'] },
  // the documented sample writes <subscription_id> for the subscription
  { folder: 'azure/eventgrid/eventgrid-schema', only: 'Microsoft.Security.', kinds: ['malformed'] },
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

/** Our own GuardDuty events against the schema made of the vendor's service model. */
async function acceptFixtures(catalog: string): Promise<readonly Answer[]> {
  const path = join(catalog, 'schemas/guardduty-finding.camelcase.schema.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return [line('fixtures', `skipped: ${path} is not there`)];
  const schema: unknown = JSON.parse(text);
  return eventNames
    .filter((name) => name.startsWith('guardduty/'))
    .map((name) => {
      // additionalInfo is free form on the wire; the model knows its form in the API only
      const problems = problemsOf(own(readEvent(name), 'detail'), schema).filter(
        (one) => !one.includes('.additionalInfo'),
      );
      return line(`fixture ${name}`, problems.join(' | ') || 'conforms to the vendor schema', problems.length > 0);
    });
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
