import { openSqlite, type SqliteStore } from '../../shared/adapters/sqlite/records.ts';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import type { Ids } from '../../shared/ports/ids.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Signer } from '../../shared/ports/signer.ts';
import { type VirtualClock, virtualClock } from '../../shared/sandbox/clock.ts';

export const start = '2026-11-20T09:05:00.000Z';

/** Tokens that can be told from another writer's. */
export function counted(writer: string): Ids {
  let count = 0;
  return {
    token() {
      count += 1;
      return `${writer}-${count}`;
    },
  };
}

/** Signs for tests, everywhere with the same key. */
export const testSigner: Signer = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 7) }]);

/** A store in memory with a clock that stands still until it is moved. */
export function memory(): SqliteStore & { readonly clock: VirtualClock; readonly signer: Signer } {
  return { ...openSqlite(':memory:', counted('token')), clock: virtualClock(start), signer: testSigner };
}

/** Runs something once, just before the next write of one kind reaches the store: another process, a moment earlier. */
export function beforeWrite(records: Records, kind: string, meanwhile: () => Promise<unknown>): Records {
  let waiting: (() => Promise<unknown>) | undefined = meanwhile;
  const first = async (written: string): Promise<void> => {
    if (written !== kind || !waiting) return;
    const now = waiting;
    waiting = undefined;
    await now();
  };
  return {
    ...records,
    create: (draft) => first(draft.kind).then(() => records.create(draft)),
    replace: (draft, version) => first(draft.kind).then(() => records.replace(draft, version)),
  };
}
