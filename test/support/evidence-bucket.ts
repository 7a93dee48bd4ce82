import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { s3Evidence } from '../../shared/adapters/aws/evidence.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { holding } from './attacker.ts';
import { statementsOf } from './deployment.ts';

const bucket = 'northwind-cordon-evidence';
const Evidence = `arn:aws:s3:::${bucket}`;

/** The statements about evidence that a role of serverless.yml has. */
const rightsOf = (role: string): readonly object[] =>
  statementsOf(role, { Evidence }).filter((statement) => JSON.stringify(statement).includes(Evidence));

const user = (name: string, key: string, statements: readonly object[]) => ({
  name,
  keys: [{ id: key, secret: `secret-of-${name}` }],
  inline: { rights: statements },
});
const [cordon, admin, blind] = ['AKIACORDON0000000001', 'AKIAADMIN00000000001', 'AKIABLIND00000000001'];

const estate = Estate.parse({
  name: 'evidence',
  now: '2026-11-20T09:05:00.000Z',
  aws: {
    accounts: {
      '999988887777': {
        name: 'security',
        users: [
          user('cordon', cordon, rightsOf('RunRole')),
          user('admin', admin, [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]),
          user('blind', blind, [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }]),
        ],
        regions: { 'eu-west-1': { buckets: [{ name: bucket }] } },
      },
    },
  },
});

/** A client as the sandbox knows it, whose retries wait for nothing. */
const clientOf = (sandbox: Sandbox, key: string) => {
  const { maxAttempts: _, ...config } = holding(sandbox, key);
  return { ...config, retryStrategy: new ConfiguredRetryStrategy(4, 0) };
};

/** Evidence in a bucket of the sandbox, put and read with the rights that serverless.yml gives. */
export function evidenceBucket() {
  const sandbox = createSandbox(estate);
  const evidenceOf = (key: string, prefix?: string) =>
    s3Evidence({ bucket, client: clientOf(sandbox, key), ...(prefix !== undefined && { prefix }) });
  const write = (key: string) => async (digest: string) => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: digest, Body: '{"before":"Inactive"}' });
    await new S3Client(clientOf(sandbox, key)).send(command);
  };
  return {
    sandbox,
    evidence: evidenceOf(cordon),
    otherEvidence: evidenceOf(cordon),
    /** May not list the bucket. */
    blindEvidence: evidenceOf(blind),
    evidenceUnder: (prefix: string) => evidenceOf(cordon, prefix),
    alter: write(admin),
    /** The same, tried with Cordon's own rights. */
    alterAsCordon: write(cordon),
  };
}
