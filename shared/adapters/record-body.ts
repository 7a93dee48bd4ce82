import { CordonError } from '../model/error.ts';
import { canonical } from '../model/json.ts';
import type { Draft } from '../ports/records.ts';

const sizeLimit = 16_384;

/** Whether every store can hold an item under this id. */
export const isRecordId = (id: string): boolean => /^[\w.:-]{1,200}$/.test(id);

/** The body of a draft as every store writes it. Throws `bad-record` where it, or its id, does not fit all of them. */
export function recordBody({ kind, id, body }: Draft): string {
  const text = canonical(body);
  if (Buffer.byteLength(text) > sizeLimit || !isRecordId(id))
    throw new CordonError({
      code: 'bad-record',
      message: `${kind} ${id.slice(0, 80)} does not fit the store (${Buffer.byteLength(text)} bytes)`,
      remedy: 'Keep large things in the evidence store and digest free keys.',
    });
  return text;
}
