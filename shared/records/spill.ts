import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { EvidenceDigest } from '../model/evidence.ts';
import { canonical, type Json } from '../model/json.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Draft, Records, Stored } from '../ports/records.ts';

/** Stays well under the 16 KB that every store takes. */
const inlineBytes = 12_000;

/** What stands in a record whose body lies in the evidence store. */
const Spilled = z.strictObject({ spilledTo: EvidenceDigest });

/**
 * Records of any size over a store of small items: a body that does not fit goes to the evidence store under its
 * digest, so that a finding with many resources, or a plan with many lines, cannot keep a run from being opened.
 */
export function spilling(records: Records, evidence: Evidence): Records {
  const small = async (draft: Draft): Promise<Draft> =>
    Buffer.byteLength(canonical(draft.body)) <= inlineBytes
      ? draft
      : { ...draft, body: { spilledTo: await evidence.put(draft.body) } };
  const whole = async (stored: Stored): Promise<Stored> => {
    const spilled = Spilled.safeParse(stored.body);
    if (!spilled.success) return stored;
    const body: Json | undefined = await evidence.get(spilled.data.spilledTo);
    if (body !== undefined) return { ...stored, body };
    const { kind, id } = stored;
    throw new CordonError({ code: 'evidence-lost', message: `the body of ${kind} ${id} is not in the evidence store` });
  };
  return {
    create: async (draft) => records.create(await small(draft)),
    replace: async (draft, version) => records.replace(await small(draft), version),
    async read(kind, id) {
      const stored = await records.read(kind, id);
      return stored && whole(stored);
    },
    list: async (kind, group, limit) => Promise.all((await records.list(kind, group, limit)).map(whole)),
    listDue: async (kind, before, limit) => Promise.all((await records.listDue(kind, before, limit)).map(whole)),
  };
}
