import type { View } from '../rows.ts';
import type { World } from '../world.ts';
import { type BucketRow, histories, type MarkerRow, type ObjectRow, objects } from './s3-rows.ts';

type Version = ObjectRow | MarkerRow;

/** S3's own name for the version of an object that was written while the bucket kept none. */
const none = 'null';

const idOf = ({ versionId = none }: Version): string => versionId;
const isMarker = (version: Version): version is MarkerRow => 'marker' in version;

/** Every version of one key, the newest first. */
export function versionsAt(view: View, path: string): readonly Version[] {
  const current = view.get(objects, path);
  return [...(current ? [current] : []), ...(view.get(histories, path) ?? [])];
}

/** The current object, or the version that is named. */
export const versionIn = (view: View, path: string, versionId: string | undefined): Version | undefined =>
  versionId === undefined ? view.get(objects, path) : versionsAt(view, path).find((one) => idOf(one) === versionId);

/** Keeps the versions of one key, newest first, so that a plain read finds the newest unless it is a delete marker. */
function keep({ rows }: World, path: string, versions: readonly Version[]): void {
  const [newest, ...older] = versions;
  const current = newest && !isMarker(newest) ? newest : undefined;
  const history = current ? older : versions;
  if (current) rows.put(objects, path, current);
  else rows.delete(objects, path);
  if (history.length > 0) rows.put(histories, path, history);
  else rows.delete(histories, path);
}

const nextId = (world: World): string => `version${String(world.next('aws.s3.version')).padStart(25, '0')}`;

/** What stays below a new version: all where the bucket keeps versions, otherwise all but the one called `null`. */
const below = ({ versioning }: BucketRow, versions: readonly Version[]): readonly Version[] =>
  versioning === 'Enabled' ? versions : versions.filter((one) => idOf(one) !== none);

/** Writes an object; the one before it stays as a version where the bucket keeps them. */
export function putObject(world: World, bucket: BucketRow, object: ObjectRow): ObjectRow {
  const { versionId: _, ...plain } = object;
  const path = `${bucket.name}/${object.key}`;
  const versioned = bucket.versioning === 'Enabled' ? { ...plain, versionId: nextId(world) } : plain;
  keep(world, path, [versioned, ...below(bucket, versionsAt(world.rows, path))]);
  return versioned;
}

/** What a deletion did, as S3 answers it. */
export type Deleted = { readonly marker: boolean; readonly versionId?: string };

/**
 * Deletes a key, or one version of it for good
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html).
 */
export function deleteObject(world: World, bucket: BucketRow, key: string, versionId: string | undefined): Deleted {
  const path = `${bucket.name}/${key}`;
  const versions = versionsAt(world.rows, path);
  if (versionId !== undefined) {
    const gone = versions.find((one) => idOf(one) === versionId);
    keep(
      world,
      path,
      versions.filter((one) => one !== gone),
    );
    return { marker: gone !== undefined && isMarker(gone), versionId };
  }
  if (bucket.versioning === undefined) {
    keep(world, path, []);
    return { marker: false };
  }
  const marker: MarkerRow = {
    versionId: bucket.versioning === 'Enabled' ? nextId(world) : none,
    marker: true,
    modifiedAt: world.clock.now(),
  };
  keep(world, path, [marker, ...below(bucket, versions)]);
  return { marker: true, versionId: marker.versionId };
}
