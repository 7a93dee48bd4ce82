import type { Json } from '../../shared/model/json.ts';
import type { ReleaseWish } from '../../shared/run/release.ts';

/** What a queue hands to a process, again and again until one has acknowledged it. */
export type Message =
  | { readonly kind: 'event'; readonly event: Json }
  | { readonly kind: 'release'; readonly runId: string; readonly wish: ReleaseWish }
  | { readonly kind: 'wake'; readonly runId: string };
