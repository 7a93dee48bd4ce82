import type { Json } from '../model/json.ts';

/** Write-once store of large JSON: raw events, captured state, plans. Named by the SHA-256 of its canonical form. */
export type Evidence = {
  put(value: Json): Promise<string>;
  /** Undefined when nothing has that digest; throws when the content no longer fits it. */
  get(digest: string): Promise<Json | undefined>;
};
