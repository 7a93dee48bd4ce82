import { expect, test } from 'vitest';
import { s3Anchor } from '../../../shared/adapters/aws/anchor.ts';
import { Estate } from '../../../shared/sandbox/estate.ts';
import { createSandbox } from '../../../shared/sandbox/sandbox.ts';
import { requestHandler } from '../../../shared/sandbox/aws/protocol/request-handler.ts';
import type { HttpRequest } from '../../../shared/sandbox/http.ts';

const bucket = 'northwind-cordon-anchors';
const estate = Estate.parse({
  name: 'anchors',
  now: '2026-11-20T09:05:00.000Z',
  aws: {
    accounts: {
      '999988887777': {
        name: 'security',
        users: [
          {
            name: 'cordon',
            keys: [{ id: 'AKIACORDON0000000001', secret: 'secret' }],
            inline: {
              rights: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:ListBucket'], Resource: '*' }],
            },
          },
        ],
        regions: { 'eu-west-1': { buckets: [{ name: bucket }] } },
      },
    },
  },
});

function anchored() {
  const { handle, clock } = createSandbox(estate);
  const sent: HttpRequest[] = [];
  const watched = requestHandler((request) => {
    sent.push(request);
    return handle(request);
  });
  const credentials = { accessKeyId: 'AKIACORDON0000000001', secretAccessKey: 'secret' };
  const client = { region: 'eu-west-1', credentials, requestHandler: watched };
  return { sent, anchor: s3Anchor({ bucket, prefix: 'journal/', clock, keepDays: 400, client }) };
}

test('S3 keeps what was put first, and lists names in order', async () => {
  const { anchor } = anchored();
  expect(await anchor.list()).toEqual([]);
  expect(await anchor.get('0000000000')).toBeUndefined();
  expect(await anchor.put('0000000001', { second: 'ü' })).toBe(true);
  expect(await anchor.put('0000000000', { first: true })).toBe(true);
  expect(await anchor.put('0000000000', { other: true })).toBe(false);
  expect(await anchor.list()).toEqual(['0000000000', '0000000001']);
  expect(await anchor.get('0000000001')).toEqual({ second: 'ü' });
});

test('every anchor is put once only, with a checksum, and locked in compliance mode for as long as is said', async () => {
  const { anchor, sent } = anchored();
  await anchor.put('0000000000', { first: true });
  expect(sent[0]).toMatchObject({
    method: 'PUT',
    headers: {
      'if-none-match': '*',
      'x-amz-object-lock-mode': 'COMPLIANCE',
      'x-amz-object-lock-retain-until-date': '2027-12-25T09:05:00Z',
      'x-amz-checksum-sha256': expect.stringMatching(/=$/),
    },
  });
});
