import type { Json } from '../model/json.ts';

/** A place outside the records, where what was once put can be neither changed nor taken away (S3 Object Lock, a locked Blob container). */
export type Anchor = {
  /** Puts the next one; false when one of that name is there already. Names sort in the order of time. */
  put(name: string, body: Json): Promise<boolean>;
  /** Names in order, oldest first. */
  list(): Promise<readonly string[]>;
  get(name: string): Promise<Json | undefined>;
};
