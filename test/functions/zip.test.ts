import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zipFolder } from '../../functions/zip.ts';

/** Reads a zip from its end, as unpackers do: each file as the directory describes it. */
function unzip(zip: Buffer): Readonly<Record<string, string>> {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06054b50);
  const files: Record<string, string> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    const [crc, packed, size] = [16, 20, 24].map((offset) => zip.readUInt32LE(at + offset));
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    const local = zip.readUInt32LE(at + 42);
    expect(zip.subarray(local + 4, local + 30)).toEqual(zip.subarray(at + 6, at + 32));
    const start = local + 30 + nameLength;
    const body = inflateRawSync(zip.subarray(start, start + (packed ?? 0)));
    expect([crc32(body), body.length]).toEqual([crc, size]);
    files[name] = body.toString();
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return files;
}

describe('a zip of a folder', () => {
  it('holds every file under its path, and is the same whenever it is made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-zip-'));
    try {
      await mkdir(join(folder, 'chunks'));
      const files = { 'main.js': 'export {};\n'.repeat(1_000), 'chunks/größe-AB12.js': '', 'host.json': '{}' };
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      const zip = await zipFolder(folder);
      expect(unzip(zip)).toEqual(files);
      expect(await zipFolder(`${folder}/`)).toEqual(zip);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
