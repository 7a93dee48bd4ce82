import { isObject, type Json, own } from '../../model/json.ts';
import { quoted } from '../shape.ts';
import { ignored, malformed, type Reading, type Source, together } from '../source.ts';
import { asNews, type Hub, readAsff } from './security-hub-finding.ts';

const remedy = 'Send the event as EventBridge delivers it: source aws.securityhub, the findings in detail.findings.';

/** Each finding of an event by itself: what cannot be read does not take the others with it. */
export function readFindings(event: Json, read: (hub: Hub, at: number) => Reading): Reading {
  const detail = own(event, 'detail');
  const findings = own(detail, 'findings');
  if (!Array.isArray(findings)) return malformed('detail.findings: not a list.', remedy);
  if (findings.length === 0) return ignored('The event brings no finding.');
  return together(
    findings.map((finding: unknown, at) => {
      const hub = readAsff(finding, `detail.findings.${at}`);
      return 'asff' in hub ? read(hub, at) : hub;
    }),
  );
}

/** Findings of Security Hub CSPM: its own controls, and what other products send to it. */
export const securityHub: Source = {
  id: 'security-hub',
  title: 'AWS Security Hub CSPM findings',
  delivery:
    'EventBridge, source aws.securityhub, detail-type "Security Hub Findings - Imported", ASFF; also for every update, Cordon\'s own notes among them, which are known by their author',
  identity:
    'detail.findings[].Id. The copy of a finding of GuardDuty, Inspector, Macie or IAM Access Analyzer is that finding, with the id and type it has there; of a control the type is its id (S3.8), of another product its name and first type',
  confirm: 'finding',
  sampleMarker: 'Sample is true, or the title starts with [SAMPLE]',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.actor.sessionName',
    'finding.actor.userName',
    'finding.resources.name',
    'finding.resources.tags',
    'event.detail.findings.Note',
    'event.detail.findings.UserDefinedFields',
  ],
  reference: 'https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html',
  envelopes: ['aws.securityhub/Security Hub Findings - Imported', 'aws.securityhub/*', 'bare/asff'],

  read(event) {
    const kind = own(event, 'detail-type');
    if (kind === undefined && isObject(event) && !Object.hasOwn(event, 'detail'))
      return malformed('The envelope is missing: this is one finding of a Security Hub event.', remedy);
    if (kind !== 'Security Hub Findings - Imported')
      return ignored(`Security Hub event of detail-type ${quoted(kind)} brings no findings that Cordon reads.`);
    return readFindings(event, asNews);
  },
};
