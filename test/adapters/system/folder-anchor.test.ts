import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderAnchor } from '../../../shared/adapters/system/folder-anchor.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-anchors-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a folder keeps what was put first, lists names in order, and leaves nothing else behind', async () => {
  const anchor = folderAnchor(join(folder, 'kept'));
  expect(await anchor.list()).toEqual([]);
  expect(await anchor.get('0000000000')).toBeUndefined();
  expect(await anchor.put('0000000001', { second: true })).toBe(true);
  expect(await anchor.put('0000000000', { first: true })).toBe(true);
  expect(await anchor.put('0000000000', { other: true })).toBe(false);
  expect(await anchor.list()).toEqual(['0000000000', '0000000001']);
  expect(await anchor.get('0000000000')).toEqual({ first: true });
  expect(await readdir(join(folder, 'kept'))).toEqual(['0000000000.json', '0000000001.json']);
  expect((await stat(join(folder, 'kept', '0000000000.json'))).mode & 0o222).toBe(0);
});

test('of many who put the same name at the same time one succeeds', async () => {
  const anchor = folderAnchor(join(folder, 'race'));
  const put = await Promise.all([...'abcdefgh'].map((letter) => anchor.put('0000000000', { letter })));
  expect(put.filter(Boolean)).toHaveLength(1);
});

test('a file that is no JSON is read as what it is, so that whoever verifies can name it', async () => {
  const place = join(folder, 'odd');
  const anchor = folderAnchor(place);
  await anchor.put('0000000000', {});
  await writeFile(join(place, '0000000001.json'), 'not JSON');
  expect(await anchor.get('0000000001')).toBe('not JSON');
});
