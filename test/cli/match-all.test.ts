import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commanded } from '../support/cordon-command.ts';
import { readEvent } from '../support/events.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-match-'));
  const files: Readonly<Record<string, string>> = {
    'a-leaked.json': JSON.stringify(readEvent('guardduty/leaked-access-key')),
    'b-sample.json': JSON.stringify(readEvent('guardduty/sample')),
    'c-clean.json': JSON.stringify([readEvent('defender-storage/clean-blob'), { alpha: 1 }]),
    'd-no-json.json': '{ not json',
    'e-foreign.json': JSON.stringify({ source: 'aws.ec2', 'detail-type': 'X\u001b[31m', detail: {} }),
    'notes.txt': 'no event',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const match = (...more: string[]) => commanded(folder, ['match', '--all', folder, ...more]);

test('one line for each message, with its source, its finding or the reason, and what it would start', async () => {
  const { code, out } = await match();
  expect(code).toBe(0);
  const lines = out.split('\n').map((line) => line.replaceAll(folder, '').replaceAll(/\s+/g, ' ').trim());
  expect(lines.find((line) => line.includes('a-leaked'))).toMatch(/✓ .*guardduty .*Medium leaked-access-key$/);
  expect(lines.find((line) => line.includes('b-sample'))).toContain('planned, never acted on');
  expect(lines.filter((line) => line.includes('c-clean'))).toHaveLength(2);
  expect(lines.find((line) => line.includes('d-no-json'))).toContain('The message is not JSON.');
  expect(lines.find((line) => line.includes('e-foreign'))).toContain('\\u001b');
  expect(out).not.toContain('notes.txt');
  expect(out).toMatch(/6 messages: 2 finding/);
});

test('the same as data', async () => {
  const { out } = await match('--json');
  const rows: unknown = JSON.parse(out);
  expect(rows).toMatchObject([
    { source: 'guardduty', kind: 'finding', playbooks: ['leaked-access-key'] },
    { source: 'guardduty', kind: 'finding' },
    { source: 'defender-storage', kind: 'ignored' },
    { source: null, kind: 'malformed' },
    { source: null, kind: 'unreadable' },
    { source: null, kind: 'ignored' },
  ]);
});
