import { InvalidInput } from '../model/error.ts';
import { nearest } from '../model/nearest.ts';
import type { Action } from './action.ts';
import type { PortableEntry } from './portable.ts';

export type CatalogueEntry = {
  /** SHA-256 of the action's source and of the files beside it that it is made of: part of every plan's digest. */
  readonly hash: string;
  /** The technique of D3FEND that it is. */
  readonly d3fend: string;
  /** What a portable verb finds it by. */
  readonly portable?: PortableEntry;
  readonly load: () => Promise<Action>;
};
/** Every action by id; made by `npm run generate` from the file names. */
export type Catalogue = { readonly [id: string]: CatalogueEntry };

/** Loads one action; throws `InvalidInput` with the nearest name when there is none. */
export async function loadAction(catalogue: Catalogue, id: string): Promise<{ action: Action; hash: string }> {
  const entry = Object.hasOwn(catalogue, id) ? catalogue[id] : undefined;
  if (entry) return { action: await entry.load(), hash: entry.hash };
  throw new InvalidInput({
    code: 'unknown-action',
    message: `there is no action ${id}`,
    remedy: nearest(id, Object.keys(catalogue)),
  });
}
