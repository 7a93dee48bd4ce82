import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deploymentAt } from '../../functions/local/deployment.ts';
import { doctor } from '../../functions/local/deployed/doctor.ts';
import { drill } from '../../functions/local/deployed/drill.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { type Asked, asked } from '../support/api.ts';
import { production } from '../support/company.ts';
import { heard } from '../support/console.ts';

const lines = heard();
const bucket = 'northwind-uploads';
const wish = {
  ...{ action: 'aws.s3.block-public-access-bucket', target: `arn:aws:s3:::${bucket}` },
  ...{ account: production, region: 'eu-west-1', json: true },
};

/** The company's API behind a real server, asked as somebody. */
async function deployed(one: Asked, as = 'ron') {
  const server = createAdaptorServer({
    fetch: async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.method === 'GET' ? undefined : await request.text();
      return one.send(`${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        ...(body !== undefined && { body }),
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const prove = async ({ headers }: { headers: Readonly<Record<string, string>> }) => ({ ...headers, 'x-caller': as });
  return deploymentAt(`http://127.0.0.1:${port}`, {}, prove);
}

function tagged(changed = {}): Asked {
  const one = asked(changed);
  const row = one.sandbox.rows.get(buckets, bucket);
  if (row) one.sandbox.rows.put(buckets, bucket, { ...row, tags: { ...row.tags, 'cordon-canary': 'yes' } });
  return one;
}

/** What a command printed, and its exit code. */
async function said(command: () => Promise<number>) {
  const from = lines.length;
  const code = await command();
  return { code, out: JSON.parse(lines.slice(from).join('\n')) };
}

describe('cordon doctor --deployment', () => {
  it('has the deployment examine itself, all its parts, and fails where something is missing', async () => {
    const one = asked();
    const deployment = await deployed(one);
    const { code, out } = await said(() => doctor(deployment, { json: true }));
    expect(code).toBe(1);
    expect(out).toContainEqual({ part: `aws ${production}`, mark: 'ok', what: 'CordonReader can be assumed' });
    expect(new Set(out.map(({ part }: { part: string }) => part.split(' ')[0]))).toEqual(
      new Set(['settings', 'secrets', 'aws', 'azure', 'events']),
    );
  });

  it('is refused to whoever may not do everything', async () => {
    const deployment = await deployed(asked(), 'vera');
    await expect(doctor(deployment, { json: true })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('cordon drill --deployment', () => {
  it('contains the canary and takes it back by the deployment, which alone has the rights', async () => {
    const one = tagged();
    const deployment = await deployed(one);
    const before = JSON.stringify(one.sandbox.rows.get(buckets, bucket)?.publicAccessBlock);
    const passing = { sleep: async () => void (await one.carry()) };
    const { code, out } = await said(() => drill(deployment, { ...wish, enforce: true }, passing));
    expect(out).toMatchObject({
      restored: true,
      refused: [],
      waitsFor: null,
      stages: [{ run: { result: { outcome: 'contained' } } }, { run: { result: { outcome: 'released' } } }],
    });
    expect(code).toBe(0);
    expect(JSON.stringify(one.sandbox.rows.get(buckets, bucket)?.publicAccessBlock)).toBe(before);
  });

  it('shows the plan alone without --enforce', async () => {
    const one = tagged();
    const deployment = await deployed(one);
    const { code, out } = await said(() => drill(deployment, { ...wish, enforce: false }));
    expect(code).toBe(0);
    expect(out.steps).toMatchObject([{ action: wish.action }]);
    expect(one.started).toEqual([]);
  });

  it('says that the deployment refuses where its stage changes nothing', async () => {
    const deployment = await deployed(tagged({ stage: 'staging' }));
    await expect(drill(deployment, { ...wish, enforce: true })).rejects.toMatchObject({
      code: 'stage-changes-nothing',
    });
  });

  it('fails where the writer cannot be assumed, and says which call was refused', async () => {
    const one = tagged();
    const key = `${production}/CordonWriter`;
    const role = one.sandbox.rows.get(roles, key);
    if (!role) throw new Error('the estate has no such role');
    one.sandbox.rows.put(roles, key, { ...role, trust: role.trust.replace('cordon-home', 'somebody-else') });
    const deployment = await deployed(one);
    const passing = { sleep: async () => void (await one.carry()) };
    const { code, out } = await said(() => drill(deployment, { ...wish, enforce: true }, passing));
    expect(code).toBe(1);
    expect(out).toMatchObject({ restored: true, refused: ['sts:AssumeRole'] });
    expect(out.stages[0]).toMatchObject({ name: 'contain', run: { result: { outcome: 'failed' } } });
  });
});
