import type * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { formatArn, parseArn } from '../../model/identifiers.ts';
import { type Rows, table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Trail = z.strictObject({
  name: z.string(),
  logging: z.boolean().default(true),
  multiRegion: z.boolean().default(true),
  /** Management events are left out of what is logged. */
  blind: z.boolean().default(false),
});

/** A trail in its home region. */
export type TrailRow = z.output<typeof Trail> & {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly startedAt: string;
  readonly stoppedAt?: string;
  /** What the last delivery failed with, and when it was tried. */
  readonly delivery?: { readonly error: string; readonly at: string };
  readonly eventSelectors: readonly cloudtrail.EventSelector[];
  readonly advancedEventSelectors: readonly cloudtrail.AdvancedEventSelector[];
};

/** Keyed by ARN. */
export const trails = table<TrailRow>('aws.cloudtrail.trails');

type Place = { readonly account: string; readonly region: string };

/** Whether a selector of either form takes every management event in. */
const takesManagement = ({ eventSelectors, advancedEventSelectors }: TrailRow): boolean =>
  advancedEventSelectors.some(({ FieldSelectors = [] }) =>
    FieldSelectors.every(({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management')),
  ) || eventSelectors.some((one) => one.IncludeManagementEvents !== false && (one.ReadWriteType ?? 'All') === 'All');

const covers = (trail: TrailRow, { account, region }: Place): boolean =>
  trail.account === account && (trail.multiRegion || trail.region === region);

/** Whether a trail keeps a record of what is called in this account and region: any, or the one that is named. */
export const isRecorded = (rows: Pick<Rows, 'all'>, place: Place, arn?: string): boolean =>
  rows
    .all(trails)
    .some(
      ([key, trail]) =>
        (arn ?? key) === key && trail.logging && covers(trail, place) && takesManagement(trail) && !trail.delivery,
    );

const unknown = (name: string, { account }: Call) =>
  new AwsFault('TrailNotFoundException', `Unknown trail: ${name} for the user: ${account}`, { status: 400 });

/** A trail as the call may see it: by ARN, or by name where it is at home or has a shadow. */
function trailOf({ Name: name = '' }: { readonly Name?: string | undefined }, call: Call): TrailRow {
  const arn = parseArn(name);
  if (name.startsWith('arn:') && arn?.service !== 'cloudtrail')
    throw new AwsFault('CloudTrailARNInvalidException', `${name} is not a valid trail ARN.`, { status: 400 });
  const found = call.view
    .all(trails)
    .map(([, trail]) => trail)
    .find((trail) => (arn ? trail.arn === name : trail.name === name) && covers(trail, call));
  if (found) return found;
  throw unknown(name, call);
}

/** The same where it may be changed: in its home region. */
function changeable(input: { readonly Name?: string | undefined }, call: Call): TrailRow {
  const trail = trailOf(input, call);
  if (trail.region !== call.region)
    throw new AwsFault(
      'InvalidHomeRegionException',
      `Trail ${trail.name} was created in ${trail.region}, and can be changed only there.`,
      { status: 400 },
    );
  return trail;
}

type Named = { readonly Name?: string | undefined; readonly TrailName?: string | undefined };

const nameIn = ({ Name, TrailName }: Named): string => Name ?? TrailName ?? '';

const trailArn = (input: Named, { partition, region, account }: Call): string => {
  const name = nameIn(input);
  return name.startsWith('arn:')
    ? name
    : formatArn({ partition, service: 'cloudtrail', region, account, resource: `trail/${name}` });
};

const put = ({ world }: Call, trail: TrailRow): void => world.rows.put(trails, trail.arn, trail);
const switched = (logging: boolean) => (input: { readonly Name: string | undefined }, call: Call) => {
  const now = call.world.clock.now();
  const { stoppedAt: _, ...trail } = changeable(input, call);
  put(call, { ...trail, logging, ...(logging ? { startedAt: now } : { stoppedAt: now }) });
  return {};
};

const operations = operationsOf<typeof cloudtrail>()({
  GetTrail: {
    on: trailArn,
    does(input, call) {
      const { name, arn, region, bucket, multiRegion } = trailOf(input, call);
      return {
        Trail: {
          Name: name,
          TrailARN: arn,
          HomeRegion: region,
          S3BucketName: bucket,
          IsMultiRegionTrail: multiRegion,
        },
      };
    },
  },
  GetTrailStatus: {
    on: trailArn,
    does(input, call) {
      const { logging, startedAt, stoppedAt, delivery } = trailOf(input, call);
      return {
        IsLogging: logging,
        StartLoggingTime: new Date(startedAt),
        TimeLoggingStarted: startedAt,
        ...(stoppedAt !== undefined && { StopLoggingTime: new Date(stoppedAt), TimeLoggingStopped: stoppedAt }),
        ...(delivery && { LatestDeliveryError: delivery.error, LatestDeliveryAttemptTime: delivery.at }),
      };
    },
  },
  StartLogging: { on: trailArn, does: switched(true) },
  StopLogging: { on: trailArn, does: switched(false) },
  DeleteTrail: {
    on: trailArn,
    does(input, call) {
      call.world.rows.delete(trails, changeable(input, call).arn);
      return {};
    },
  },
  GetEventSelectors: {
    on: trailArn,
    does(input, call) {
      const { arn, eventSelectors, advancedEventSelectors } = trailOf({ Name: nameIn(input) }, call);
      return {
        TrailARN: arn,
        ...(advancedEventSelectors.length > 0
          ? { AdvancedEventSelectors: [...advancedEventSelectors] }
          : { EventSelectors: [...eventSelectors] }),
      };
    },
  },
  PutEventSelectors: {
    on: trailArn,
    does({ TrailName, EventSelectors = [], AdvancedEventSelectors = [] }, call) {
      const trail = changeable({ Name: TrailName }, call);
      if (EventSelectors.length > 0 === AdvancedEventSelectors.length > 0)
        throw new AwsFault('InvalidEventSelectorsException', 'Give either event selectors or advanced ones.', {
          status: 400,
        });
      const selected = { eventSelectors: EventSelectors, advancedEventSelectors: AdvancedEventSelectors };
      put(call, { ...trail, ...selected });
      return {
        TrailARN: trail.arn,
        ...(EventSelectors.length > 0 ? { EventSelectors } : { AdvancedEventSelectors }),
      };
    },
  },
});

const management = (included: boolean): cloudtrail.EventSelector => ({
  ReadWriteType: 'All',
  IncludeManagementEvents: included,
  DataResources: [],
  ExcludeManagementEventSources: [],
});

/** Trails of CloudTrail, each in its home region. */
export const cloudtrailTrails = awsNoun({
  name: 'trails',
  scope: 'region',
  estate: z.array(Trail).default([]),
  seed(rows, list, { partition, account, region }) {
    const startedAt = '2025-01-01T00:00:00.000Z';
    for (const trail of list) {
      const arn = formatArn({ partition, service: 'cloudtrail', region, account, resource: `trail/${trail.name}` });
      rows.put(trails, arn, {
        ...trail,
        arn,
        account,
        region,
        startedAt,
        bucket: `${trail.name}-${account}`,
        ...(!trail.logging && { stoppedAt: startedAt }),
        eventSelectors: [management(!trail.blind)],
        advancedEventSelectors: [],
      });
    }
  },
  operations: { cloudtrail: operations },
});
