import { ArchiveFindingsCommand, GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import { describe, expect, it } from 'vitest';
import { type JsonObject, own } from '../../shared/model/json.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';
import { readEvent } from '../support/events.ts';

const account = '111122223333';
const detectorId = '12abc34d567e8fa901bc2d34e56789f0';
const kept = {
  id: 'f1',
  type: 'Recon:EC2/Portscan',
  severity: 5,
  resource: { instanceDetails: { instanceId: 'i-1' } },
};

function play(administrator?: string) {
  const sandbox = createSandbox(
    Estate.parse({
      name: 'GuardDuty',
      now: '2026-01-01T00:00:00.000Z',
      aws: {
        accounts: {
          [account]: {
            name: 'own',
            users: [
              { name: 'me', keys: [{ id: 'AKIAOWN0000000000001', secret: 's' }], inline: { all: { allow: ['*'] } } },
            ],
            regions: {
              'eu-west-1': { guardDuty: { detectorId, findings: [kept], ...(administrator && { administrator }) } },
            },
          },
        },
      },
    }),
  );
  const get = async (FindingIds: string[], DetectorId = detectorId, region = 'eu-west-1') => {
    const client = new GuardDutyClient(holding(sandbox, 'AKIAOWN0000000000001', region));
    return (await client.send(new GetFindingsCommand({ DetectorId, FindingIds }))).Findings ?? [];
  };
  const archive = (FindingIds: string[], DetectorId = detectorId) =>
    new GuardDutyClient(holding(sandbox, 'AKIAOWN0000000000001')).send(
      new ArchiveFindingsCommand({ DetectorId, FindingIds }),
    );
  return { sandbox, get, archive };
}

describe('GuardDuty', () => {
  it('answers the findings it has of those asked for', async () => {
    const { get } = play();
    const [found, ...more] = await get(['f1', 'none']);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      Id: 'f1',
      AccountId: account,
      Region: 'eu-west-1',
      Arn: `arn:aws:guardduty:eu-west-1:${account}:detector/${detectorId}/finding/f1`,
      Resource: { InstanceDetails: { InstanceId: 'i-1' } },
    });
  });

  it('keeps what an event told, in the spelling of its API', async () => {
    const { sandbox, get } = play();
    const detail = own(readEvent('guardduty/public-bucket'), 'detail') as JsonObject; // a fixture of GuardDuty has one
    addFinding(sandbox.rows, detail);
    const [found] = await get([String(detail['id'])], '3cb0f1a2d4e5968778695a4b3c2d1e0f');
    expect(found).toMatchObject({
      Type: 'Policy:S3/BucketBlockPublicAccessDisabled',
      Resource: { S3BucketDetails: [{ Name: 'northwind-customer-exports', CreatedAt: new Date(1_709_282_664_000) }] },
      Service: { Action: { AwsApiCallAction: { RemoteIpDetails: { IpAddressV4: '203.0.113.91' } } } },
    });
  });

  it('takes no finding that names no detector', () => {
    expect(() => addFinding(play().sandbox.rows, { id: 'f1', arn: 'arn:aws:s3:::b' })).toThrow('detector');
  });

  it.each([
    ['an unknown detector', ['f1'], 'none', 'eu-west-1'],
    ['the detector of another region', ['f1'], detectorId, 'us-east-1'],
    ['no findings', [], detectorId, 'eu-west-1'],
    ['too many findings', Array.from({ length: 51 }, (_, at) => `f${at}`), detectorId, 'eu-west-1'],
  ])('refuses to be asked for %s', async (_, ids, detector, region) => {
    expect(await refusal(play().get(ids, detector, region))).toBe('BadRequestException');
  });

  it('archives findings, all at once, and passes over those it does not have', async () => {
    const { get, archive } = play();
    await archive(['f1', 'none']);
    expect((await get(['f1']))[0]).toMatchObject({ Id: 'f1', Type: kept.type, Service: { Archived: true } });
    expect(await refusal(archive(['f1']))).toBeUndefined();
  });

  it('archives only for the account that administers it, and at its own detector', async () => {
    expect(await refusal(play('999988887777').archive(['f1']))).toBe('BadRequestException');
    expect(await refusal(play().archive(['f1'], 'none'))).toBe('BadRequestException');
    expect(await refusal(play(account).archive(['f1']))).toBeUndefined();
  });
});
