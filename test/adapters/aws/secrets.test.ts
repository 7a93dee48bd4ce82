import { expect, test } from 'vitest';
import { awsSecrets } from '../../../shared/adapters/aws/secrets.ts';
import { Estate } from '../../../shared/sandbox/estate.ts';
import { createSandbox } from '../../../shared/sandbox/sandbox.ts';
import { holding } from '../../support/attacker.ts';

const account = '111122223333';
const region = 'eu-west-1';

function world() {
  const on = [
    `arn:aws:ssm:${region}:${account}:parameter/cordon/*`,
    `arn:aws:ssm:${region}:${account}:parameter/aws/*`,
  ];
  const sandbox = createSandbox(
    Estate.parse({
      name: 'secrets',
      now: '2026-11-20T09:05:00.000Z',
      aws: {
        accounts: {
          [account]: {
            name: 'home',
            users: [
              {
                name: 'cordon',
                keys: [{ id: 'AKIACORDON0000000001', secret: 's' }],
                inline: { read: { allow: ['ssm:GetParameter'], on } },
              },
            ],
            regions: {
              [region]: {
                ssmParameters: [
                  { name: '/cordon/slack', value: 'xoxb-secret\n' },
                  { name: '/aws/reference/secretsmanager/cordon-production/signing-key', value: 'key' },
                  { name: '/elsewhere', value: 'no' },
                ],
              },
            },
          },
        },
      },
    }),
  );
  const { credentials, requestHandler } = holding(sandbox, 'AKIACORDON0000000001');
  return awsSecrets({ region, credentials: async () => credentials, requestHandler });
}

test('parameters are read decrypted, and secrets of Secrets Manager under their reference', async () => {
  const { ssm, secretsmanager } = world();
  expect(await ssm('/cordon/slack')).toBe('xoxb-secret');
  expect(await secretsmanager('cordon-production/signing-key')).toBe('key');
});

test('what is not there is undefined, and what may not be read is told', async () => {
  const { ssm } = world();
  expect(await ssm('/cordon/none')).toBeUndefined();
  await expect(ssm('/elsewhere')).rejects.toMatchObject({ code: 'AccessDenied' });
});
