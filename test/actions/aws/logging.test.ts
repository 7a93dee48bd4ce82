import { describe, expect, it } from 'vitest';
import { cloudtrailRestartLogging } from '../../../shared/actions/aws/cloudtrail-restart-logging.ts';
import { configStartRecorder } from '../../../shared/actions/aws/config-start-recorder.ts';
import { guarddutyEnableDetector } from '../../../shared/actions/aws/guardduty-enable-detector.ts';
import { type TrailRow, trails } from '../../../shared/sandbox/aws/cloudtrail-trails.ts';
import { type RecorderRow, recorders } from '../../../shared/sandbox/aws/config-recorders.ts';
import { detectorAt, detectors } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import { type Acting, acting } from '../../support/acting.ts';
import { production, security } from '../../support/company.ts';
import { change } from '../../support/foreign-edit.ts';

const frankfurt = { account: production, region: 'eu-central-1' };
const trailArn = `arn:aws:cloudtrail:eu-central-1:${production}:trail/northwind-frankfurt`;
const writes = ({ sandbox }: Acting) =>
  sandbox.recorder.calls.flatMap(({ mutating, operation, region }) =>
    mutating && operation !== 'sts:AssumeRole' ? [`${operation} ${region}`] : [],
  );

describe('a trail', () => {
  it('is started where it is at home, wherever the finding arrived', async () => {
    const one = await acting(
      cloudtrailRestartLogging,
      { trailArn },
      { where: { account: production, region: 'us-east-1' } },
    );
    await one.contain();
    expect(await one.isContained()).toBe(true);
    expect(writes(one)).toEqual(['cloudtrail:StartLogging eu-central-1']);
  });

  it('logs what is wanted again, where that is given', async () => {
    const selectors = { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] };
    const one = await acting(
      cloudtrailRestartLogging,
      { trailArn, selectors },
      {
        where: frankfurt,
        prepare: (sandbox) =>
          change(sandbox, trails, trailArn, () => ({
            eventSelectors: [{ ReadWriteType: 'ReadOnly' as const, IncludeManagementEvents: false }],
          })),
      },
    );
    expect((await one.plan()).map(({ resource }) => resource)).toEqual([trailArn, `${trailArn}/selectors`]);
    await one.contain();
    expect(await one.plan()).toEqual([]);
    expect(one.sandbox.rows.get(trails, trailArn)?.eventSelectors).toMatchObject(selectors.EventSelectors);
  });

  it('that cannot deliver is not taken for one that logs', async () => {
    const delivery = { error: 'AccessDenied', at: '2026-11-20T08:00:00Z' };
    const failing = (at: string) => (of: Acting['sandbox']) =>
      change<TrailRow>(of, trails, trailArn, () => ({ delivery: { ...delivery, at } }));
    const before = await acting(
      cloudtrailRestartLogging,
      { trailArn },
      { where: frankfurt, prepare: failing(delivery.at) },
    );
    await before.contain();
    expect(await before.isContained()).toBe(true); // the error is one of the time before
    failing('2026-11-21T08:00:00Z')(before.sandbox);
    expect(await before.isContained()).toBe(false);
  });

  it('of the whole organisation is left to its owner', async () => {
    const foreign = trailArn.replace(production, security);
    const one = await acting(cloudtrailRestartLogging, { trailArn: foreign }, { where: frankfurt });
    await expect(one.capture()).rejects.toMatchObject({ code: 'by-hand', message: expect.stringContaining(security) });
    expect(one.sandbox.recorder.calls.filter(({ operation }) => operation.startsWith('cloudtrail:'))).toEqual([]);
  });

  it('that is gone is gone', async () => {
    const prepare = ({ rows }: Acting['sandbox']) => rows.delete(trails, trailArn);
    const one = await acting(cloudtrailRestartLogging, { trailArn }, { where: frankfurt, prepare });
    expect(await one.capture()).toEqual({});
  });

  it('is never stopped again', async () => {
    const one = await acting(cloudtrailRestartLogging, { trailArn }, { where: frankfurt });
    const changes = await one.plan();
    await one.contain(changes);
    await one.release(changes);
    expect(one.sandbox.rows.get(trails, trailArn)?.logging).toBe(true);
    expect(cloudtrailRestartLogging.permissions.write.map(({ allow }) => allow)).not.toContain(
      'cloudtrail:StopLogging',
    );
  });
});

describe('GuardDuty', () => {
  it('gets a detector anew where it was deleted, with what was asked for and the run it is of', async () => {
    const one = await acting(
      guarddutyEnableDetector,
      { features: ['S3_DATA_EVENTS'] },
      {
        where: frankfurt,
        prepare: ({ rows }) => rows.delete(detectors, detectorAt(rows, frankfurt)?.[0] ?? ''),
      },
    );
    expect(await one.plan()).toEqual([
      { resource: `${production}/eu-central-1/detector`, from: null, to: 'ENABLED' },
      { resource: `${production}/eu-central-1/detector/S3_DATA_EVENTS`, from: null, to: 'ENABLED' },
    ]);
    await one.contain();
    expect(await one.isContained()).toBe(true);
    expect(detectorAt(one.sandbox.rows, frankfurt)?.[1].tags).toEqual({ 'cordon:run': one.context.runId });
  });

  it('keeps what is off for a reason', async () => {
    const one = await acting(guarddutyEnableDetector, {}, { where: frankfurt });
    await one.contain();
    expect(await one.isContained()).toBe(true);
    expect(detectorAt(one.sandbox.rows, frankfurt)?.[1].off).toEqual(['S3_DATA_EVENTS']);
  });
});

describe('the recorder of Config', () => {
  it('is left to a person where it has nowhere to deliver', async () => {
    const key = `${production}/eu-central-1`;
    const one = await acting(
      configStartRecorder,
      {},
      {
        where: frankfurt,
        prepare({ rows }) {
          const { channel: _, ...row } = rows.get(recorders, key) as RecorderRow; // the estate has it
          rows.put(recorders, key, row);
        },
      },
    );
    await expect(one.capture()).rejects.toMatchObject({
      code: 'by-hand',
      message: expect.stringContaining('no delivery channel'),
    });
  });

  it('is none where it was deleted', async () => {
    const one = await acting(configStartRecorder, { recorderName: 'another' }, { where: frankfurt });
    expect(await one.capture()).toEqual({});
  });
});
