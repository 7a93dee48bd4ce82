import * as z from 'zod';
import type { Finding } from '../../model/finding.ts';
import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import { quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source, together } from '../source.ts';
import { Entity, regionOf, type Scene, targetsOf, wholeAccount } from './health-entities.ts';
import { type Envelope, readDetail } from './service-event.ts';
import { SpokenInstant } from './spoken-instant.ts';

const EventArn = z.string().refine((arn) => parseArn(arn)?.service === 'health', 'not the ARN of a Health event');

/** docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
const Detail = z.object({
  eventArn: EventArn,
  service: Text,
  eventTypeCode: z.string().min(1),
  statusCode: Text,
  eventRegion: Text,
  startTime: SpokenInstant,
  lastUpdatedTime: SpokenInstant.optional().catch(undefined),
  eventDescription: z.array(z.object({ latestDescription: Text })).nullish(),
  eventMetadata: z.object({ publicKey: Text, userName: Text }).nullish().catch(undefined),
  affectedEntities: z.array(z.unknown()).nullish(),
  affectedAccount: AwsAccountId.optional().catch(undefined),
});
type Detail = z.infer<typeof Detail>;

/** What AWS knows of credentials that leaked, and what others report of us. Everything else is about running things. */
const ofSecurity = /^AWS_(RISK|ABUSE)_/;

function sceneOf(
  { eventArn, eventRegion, affectedAccount, eventMetadata }: Detail,
  envelope: Envelope,
): Scene | undefined {
  const { partition = 'aws', region } = parseArn(eventArn) ?? {};
  // in an organization's view of all accounts the envelope is of the account that looks
  const account = affectedAccount ?? envelope.account;
  if (account === undefined) return undefined;
  return { partition, account, region: regionOf(partition, [eventRegion, region]), found: eventMetadata ?? {} };
}

const isOver = (text: string | undefined): boolean => text?.toLowerCase() === 'closed' || text === 'RESOLVED';

/** One finding for each entity: a page of a large event holds some of them, and says the same of the event. */
function findingOf(
  detail: Detail,
  scene: Scene,
  envelope: Envelope,
  entity: z.infer<typeof Entity> | undefined,
): Reading {
  const { eventArn, eventTypeCode, statusCode, startTime, lastUpdatedTime, eventDescription } = detail;
  const resources = entity ? targetsOf(scene, entity.entityValue) : wholeAccount(scene);
  const [main] = resources;
  const status: Finding['status'] = isOver(statusCode) || isOver(entity?.status) ? 'resolved' : 'new';
  return found({
    id: `${eventArn}#${entity?.entityValue ?? scene.account}`,
    provider: 'health',
    cloud: 'aws',
    type: eventTypeCode,
    title: `${eventTypeCode}: ${entity?.entityValue ?? scene.account}`,
    description: (eventDescription ?? []).flatMap(({ latestDescription }) => latestDescription ?? []).join('\n'),
    severity: 'Unknown',
    severityOriginal: '',
    status,
    account: main?.account ?? scene.account,
    region: main?.region || scene.region,
    createdAt: startTime,
    updatedAt: lastUpdatedTime ?? envelope.time ?? startTime,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [...resources],
    link: { eventArn },
  });
}

function findingsOf(detail: Detail, envelope: Envelope, kind: string): Reading {
  const { eventTypeCode, service, affectedEntities } = detail;
  if (kind !== 'AWS Health Abuse Event' && !ofSecurity.test(eventTypeCode))
    return ignored(`Health event ${quoted(eventTypeCode)} of ${quoted(service)} is about operations, not security.`);
  const scene = sceneOf(detail, envelope);
  if (!scene) return malformed('account: not an AWS account.', 'Send the event as EventBridge delivers it, unchanged.');
  const entities = affectedEntities ?? [];
  if (entities.length === 0) return findingOf(detail, scene, envelope, undefined);
  return together(
    entities.map((one, at) => {
      const entity = Entity.safeParse(one);
      return entity.success
        ? findingOf(detail, scene, envelope, entity.data)
        : malformed(`detail.affectedEntities.${at}: has no value.`, 'Look at the event in AWS Health.');
    }),
  );
}

const kinds = ['AWS Health Event', 'AWS Health Abuse Event'];

/** Credentials that AWS found exposed, and reports of abuse. */
export const health: Source = {
  id: 'health',
  title: 'AWS Health events about security',
  delivery:
    'EventBridge, source aws.health, detail-type "AWS Health Event" or "AWS Health Abuse Event"; of no region: in us-east-1, a copy in us-west-2; large ones in pages',
  identity:
    'detail.eventArn and the affected entity, so that pages and copies are one; a newer version has a later lastUpdatedTime',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: ['finding.description', 'event.detail.eventMetadata.exposedUrl'],
  reference: 'https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html',
  envelopes: [...kinds.map((kind) => `aws.health/${kind}`), 'aws.health/*'],
  read: (event) => readDetail(event, { service: 'Health', kinds, detail: Detail }, findingsOf),
};
