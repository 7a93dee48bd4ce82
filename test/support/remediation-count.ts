import { canonical, type Json } from '../../shared/model/json.ts';
import type { Draft, Records, Stored } from '../../shared/ports/records.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { attend } from '../../shared/run/attend.ts';
import { company, openedRun, toItsEnd, type courses } from './round-trips.ts';

/** What one remediation used of what is paid for, from the event to the last look of the watch a day later. */
export type Used = {
  writeUnits: number;
  readUnits: number;
  evidencePuts: number;
  evidenceGets: number;
  providerCalls: number;
};

/** Names, versions and keys beside the body, in bytes. */
const overhead = 200;
const sizeOf = (body: Json): number => Buffer.byteLength(canonical(body)) + overhead;
const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4_096));
/** Each index that an item stands in is written as well. */
const writeUnits = ({ body, group, due }: Draft): number =>
  Math.ceil(sizeOf(body) / 1_024) * (1 + Number(group !== undefined) + Number(due !== undefined));

/** Counts units as DynamoDB bills them on demand (docs.aws.amazon.com/amazondynamodb, "Read and write request units"). */
function counting(real: Records, used: Used): Records {
  const written = <T>(draft: Draft, answer: T): T => {
    used.writeUnits += writeUnits(draft);
    return answer;
  };
  const listed = (all: readonly Stored[]): readonly Stored[] => {
    used.readUnits += readUnits(all.reduce((sum, { body }) => sum + sizeOf(body), 0));
    return all;
  };
  return {
    create: async (draft) => written(draft, await real.create(draft)),
    replace: async (draft, version) => written(draft, await real.replace(draft, version)),
    async read(kind, id) {
      const stored = await real.read(kind, id);
      used.readUnits += readUnits(stored ? sizeOf(stored.body) : 0);
      return stored;
    },
    list: async (kind, group, limit) => [...listed(await real.list(kind, group, limit))],
    listDue: async (kind, before, limit) => [...listed(await real.listDue(kind, before, limit))],
  };
}

/** Plays one remediation on the sandbox and counts. */
export async function usedBy({ how, told }: (typeof courses)[number]): Promise<Used> {
  const used: Used = { writeUnits: 0, readUnits: 0, evidencePuts: 0, evidenceGets: 0, providerCalls: 0 };
  const { sandbox, plain } = company(async (_, __, effect) => effect());
  const { evidence, records } = plain;
  const deps: RunDeps = {
    ...plain,
    records: counting(records, used),
    evidence: {
      async put(value) {
        used.evidencePuts += 1;
        return evidence.put(value);
      },
      async get(digest) {
        used.evidenceGets += 1;
        return evidence.get(digest);
      },
    },
  };
  const runId = await openedRun(sandbox, deps, how, told());
  await toItsEnd(deps, sandbox, runId);
  for (const seconds of [300, 900, 86_400]) {
    sandbox.clock.advance(seconds);
    await attend({ ...deps, starter: { start: async () => undefined } }, AbortSignal.timeout(10_000));
  }
  used.providerCalls = sandbox.recorder.calls.length;
  return used;
}
