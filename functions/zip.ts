import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

type Entry = { readonly name: string; readonly body: Buffer };

/** The first day that a zip can name: what is packed twice is the same to the byte. */
const date = (1 << 5) | 1;
const version = 20;
/** Names are UTF-8. */
const flags = 1 << 11;
const deflated = 8;
/** A file that everybody may read and nobody run. */
const mode = (0o100644 << 16) >>> 0;
const madeOnUnix = (3 << 8) | version;

const shorts = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value & 0xff, (value >>> 8) & 0xff])));
function longs(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) buffer.writeUInt32LE(value >>> 0, 4 * at);
  return buffer;
}

/** What stands before a file, and is repeated in the directory at the end. */
function partsOf({ name, body }: Entry): { readonly common: Buffer; readonly name: Buffer; readonly packed: Buffer } {
  const packed = deflateRawSync(body, { level: 9 });
  const bytes = Buffer.from(name);
  const common = Buffer.concat([
    shorts(version, flags, deflated, 0, date),
    longs(crc32(body), packed.length, body.length),
    shorts(bytes.length, 0),
  ]);
  return { common, name: bytes, packed };
}

/** Files as a zip, in the order given (pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, without its extensions). */
export function zipOf(entries: readonly Entry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { common, name, packed } = partsOf(entry);
    const file = Buffer.concat([longs(0x04034b50), common, name, packed]);
    files.push(file);
    directory.push(
      Buffer.concat([longs(0x02014b50), shorts(madeOnUnix), common, shorts(0, 0, 0), longs(mode, offset), name]),
    );
    offset += file.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  const end = Buffer.concat([longs(0x06054b50), shorts(0, 0, count, count), longs(size, offset), shorts(0)]);
  return Buffer.concat([...files, ...directory, end]);
}

/** A folder as a zip: the same folder gives the same bytes. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const names = paths.map((path) => path.slice(folder.length).split(sep).filter(Boolean).join('/')).sort();
  return zipOf(await Promise.all(names.map(async (name) => ({ name, body: await readFile(join(folder, name)) }))));
}
