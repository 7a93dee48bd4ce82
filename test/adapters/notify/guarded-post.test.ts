import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GuardedRequest, guardedPost, type Resolve } from '../../../shared/adapters/notify/guarded-post.ts';
import { isPublic } from '../../../shared/adapters/notify/public-address.ts';
import { receiver } from '../../support/receiver.ts';

/** Every socket that this process opens to anybody. */
let sockets = 0;
const count = () => {
  sockets += 1;
};
beforeAll(() => subscribe('net.client.socket', count));
afterAll(() => unsubscribe('net.client.socket', count));
beforeEach(() => {
  sockets = 0;
});

const open = { address: '93.184.215.14', family: 4 } as const;
const resolveOpen: Resolve = async () => [open];

const post = (url: string, more: Partial<GuardedRequest> = {}) =>
  guardedPost({
    url,
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    resolve: resolveOpen,
    ...more,
  });

const refusal = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'connected',
    (thrown: unknown) => thrown,
  );

/** Addresses that are refused for what is written. */
const written = [
  'http://hooks.example.com/',
  'ftp://hooks.example.com/',
  'file:///etc/passwd',
  'gopher://hooks.example.com/',
  'javascript:alert(1)',
  'data:text/plain,x',
  '//hooks.example.com/',
  'hooks.example.com',
  '',
  'https://',
  'https://user@hooks.example.com/',
  'https://user:canary@hooks.example.com/',
  'https://hooks.example.com@127.0.0.1/',
  'https://127.0.0.1\\@hooks.example.com/',
  'https://127.0.0.1/',
  'https://127.0.0.1:8443/',
  'https://127.1/',
  'https://127.0.1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://127.0.0.1./',
  'https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/',
  'https://127\u3002\u0030\uff0e0.1/',
  'https://%31%32%37.0.0.1/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://169.254.170.2/v2/credentials',
  'https://168.63.129.16/',
  'https://8.8.8.8/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[0:0:0:0:0:ffff:7f00:1]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2606:4700::1111]/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://x.localhost/',
  'https://metadata/',
  'https://metadata.google.internal/computeMetadata/v1/',
  'https://instance-data.ec2.internal/',
  'https://printer.local/',
  'https://router.home.arpa/',
  'https://vault.corp/',
];

/** Addresses of names that stand for something inside. */
const resolved: readonly (readonly [what: string, address: string, family: 4 | 6])[] = [
  ['this machine', '127.0.0.1', 4],
  ['all of it', '0.0.0.0', 4],
  ['a private network', '10.1.2.3', 4],
  ['another one', '172.31.255.255', 4],
  ['a third one', '192.168.0.10', 4],
  ['a carrier', '100.127.255.255', 4],
  ['the metadata of an instance', '169.254.169.254', 4],
  ['the credentials of a task', '169.254.170.2', 4],
  ['the wire server of Azure', '168.63.129.16', 4],
  ['a group', '224.0.0.1', 4],
  ['everybody', '255.255.255.255', 4],
  ['a document', '192.0.2.1', 4],
  ['this machine in IPv6', '::1', 6],
  ['nothing in IPv6', '::', 6],
  ['a mapped one', '::ffff:127.0.0.1', 6],
  ['a mapped one in hexadecimal', '::ffff:a9fe:a9fe', 6],
  ['a translated one', '64:ff9b::7f00:1', 6],
  ['a link', 'fe80::1%eth0', 6],
  ['the metadata in IPv6', 'fd00:ec2::254', 6],
  ['6to4', '2002:7f00:1::', 6],
  ['Teredo', '2001:0:7f00:1::', 6],
  ['a wrong family', '93.184.215.14', 6],
  ['no address at all', 'evil', 4],
];

describe('a guarded request', () => {
  test('60 addresses and more in all disguises: refused, not one socket opened, none of it quoted', async () => {
    expect(written.length + resolved.length).toBeGreaterThan(60);
    for (const url of written) {
      const thrown = await refusal(post(url));
      expect([url, thrown]).toEqual([url, expect.objectContaining({ code: 'address-refused' })]);
      expect(String(thrown)).not.toMatch(/hooks|canary|127|169/);
    }
    expect(sockets).toBe(0);
  });

  test.each(resolved)('a name that stands for %s (%s) opens no socket', async (_, address, family) => {
    const inside = { address, family };
    for (const addresses of [[inside], [open, inside], [inside, open]])
      expect(await refusal(post('https://hooks.example.com/', { resolve: async () => addresses }))).toMatchObject({
        code: 'address-refused',
        retryable: true,
      });
    expect(sockets).toBe(0);
  });

  test('a name that stands for nothing, or cannot be resolved, opens no socket and is not quoted', async () => {
    const failing = async () => {
      throw new Error('getaddrinfo ENOTFOUND hooks.example.com');
    };
    expect(await refusal(post('https://hooks.example.com/', { resolve: async () => [] }))).toMatchObject({
      code: 'address-refused',
    });
    const thrown = await refusal(post('https://hooks.example.com/', { resolve: failing }));
    expect(thrown).toMatchObject({ code: 'no-answer', retryable: true });
    expect(String(thrown)).not.toContain('hooks');
    expect(sockets).toBe(0);
  });

  test('connects to the address that was checked, and asks for it once: a name cannot change its mind', async () => {
    const other = await receiver();
    const { port } = new URL(other.url);
    const asked: string[] = [];
    const resolve: Resolve = async (host) => {
      asked.push(host);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    // TLS to a server that speaks none: the socket is opened, to this machine, and nothing is said in plain
    const thrown = await refusal(post(`https://rebinds.example.com:${port}/`, { resolve, allowLoopback: true }));
    expect(thrown).toMatchObject({ code: 'no-answer' });
    expect([asked, sockets]).toEqual([['rebinds.example.com'], 1]);
    expect(other.received).toEqual([]);
  });

  test('takes a redirect for an answer and follows it nowhere', async () => {
    const inner = await receiver();
    const outer = await receiver(() => ({ status: 302, headers: { location: `${inner.url}/latest/meta-data` } }));
    const { status } = await post(outer.url, { allowLoopback: true });
    expect(status).toBe(302);
    expect([inner.received.length, sockets]).toEqual([0, 1]);
  });

  test('reads no more than a megabyte of an answer and sends no more than one', async () => {
    const other = await receiver(() => ({ status: 201, body: Buffer.alloc(5_000_000) }));
    expect((await post(other.url, { allowLoopback: true })).status).toBe(201);
    expect(await refusal(post(other.url, { allowLoopback: true, body: 'x'.repeat(1_100_000) }))).toMatchObject({
      code: 'too-large',
    });
    expect(other.received).toHaveLength(1);
  });

  test('ends with its signal while the name is resolved and while the other side is silent', async () => {
    const never: Resolve = () => new Promise(() => {});
    const first = new AbortController();
    const resolving = refusal(post('https://hooks.example.com/', { resolve: never, signal: first.signal }));
    first.abort();
    expect(await resolving).toMatchObject({ code: 'no-answer', retryable: true });
    const second = new AbortController();
    const other = await receiver(() => {
      second.abort();
      return 'silence';
    });
    expect(await refusal(post(other.url, { allowLoopback: true, signal: second.signal }))).toMatchObject({
      code: 'no-answer',
    });
  });
});

test.each([
  ['93.184.215.14', 4],
  ['1.1.1.1', 4],
  ['172.32.0.1', 4],
  ['2606:4700::1111', 6],
  ['2a00:1450:4001:830::200e', 6],
] as const)('%s is public', (address, family) => {
  expect(isPublic({ address, family })).toBe(true);
});
