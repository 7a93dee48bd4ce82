import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readNorthwind } from '../../functions/local/desk.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { type Tried, tryPlaybook } from '../../functions/local/try.ts';
import { allActions, allReads } from '../../functions/wire.ts';
import type { Playbook, PlaybookTest } from '../../shared/model/playbook.ts';
import { rightsNeeded } from '../../shared/playbook/rights-needed.ts';
import { acceptedUnplayed, unplayed, withoutReason } from '../../shared/policy/unplayed.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { readerPrincipal } from '../support/company.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
/** Those that answer both clouds with one file, in the place of shipped ones. */
const portable = await loadPlaybooks([fileURLToPath(new URL('../../playbooks/portable', import.meta.url))]);
/** Those that want a right which not every company gives. */
const optIn = await loadPlaybooks([fileURLToPath(new URL('../../playbooks/opt-in', import.meta.url))]);
const playbooks = usable(files);
const company = await readNorthwind();

type Played = { readonly tried: Tried; readonly calls: readonly RecordedCall[] };
const played = new Map<PlaybookTest, Promise<Played>>();

/** Plays a test once, whoever asks for it. */
function tried(playbook: Playbook, test: PlaybookTest): Promise<Played> {
  const calls: RecordedCall[] = [];
  const playing =
    played.get(test) ??
    tryPlaybook(playbook, test, { company, onCall: (call) => calls.push(call) }).then((one) => ({ tried: one, calls }));
  played.set(test, playing);
  return playing;
}

describe.each([...files, ...portable, ...optIn])('$file', ({ read, problems }) => {
  it('is a playbook that can be run', () => {
    expect(problems.map((problem) => problem.describe())).toEqual([]);
  });

  it('carries a test that matches and one that does not', () => {
    const expectations = read?.playbook.tests.map((test) => test.expect.matched ?? true) ?? [];
    expect(expectations).toContain(true);
    expect(expectations).toContain(false);
  });

  it.each(read?.playbook.tests ?? [])('$name', async (test) => {
    expect(read).toBeDefined();
    if (read) expect((await tried(read.playbook, test)).tried.problems).toEqual([]);
  });
});

it('those for both clouds are not loaded with the shipped ones, which answer the same findings', () => {
  const shipped = playbooks.map(({ id }) => id);
  expect(usable(portable).map(({ id }) => id)).toHaveLength(4);
  expect(usable([...portable, ...optIn]).filter(({ id }) => shipped.includes(id))).toEqual([]);
});

describe('the rights that are compiled for the shipped playbooks', async () => {
  const declared = { catalogue: allActions, reads: allReads, writeBack: { aws: [], azure: [] } };
  const needed = await rightsNeeded(declared, { playbooks });
  const all = async (): Promise<readonly RecordedCall[]> => {
    const plays = await Promise.all(playbooks.flatMap((one) => one.tests.map((test) => tried(one, test))));
    return plays.flatMap(({ calls }) => calls);
  };
  const isReader = ({ caller }: RecordedCall) =>
    caller.includes('assumed-role/CordonReader') || caller === readerPrincipal;

  it('are enough for every call that a play makes', async () => {
    const refused = (await all()).filter(({ status, error }) => (status === 401 || status === 403) && error !== '');
    expect(refused.map(({ operation, caller, error }) => `${operation} ${error} ${caller}`)).toEqual([]);
  });

  it('let the reader change nothing', async () => {
    expect((await all()).filter((call) => call.mutating && isReader(call))).toEqual([]);
  });

  it('hold nothing that no play uses, but for a reason', async () => {
    const plays = await Promise.all(playbooks.flatMap((one) => one.tests.map((test) => tried(one, test))));
    const reads = (await all()).filter(isReader).flatMap(({ operation, also }) => [operation, ...also]);
    const unused = unplayed([needed.aws, needed.azure], {
      reads: new Set(reads.map((name) => name.toLowerCase())),
      actions: new Set(plays.flatMap((play) => play.tried.actions)),
    });
    expect(unused.flatMap(({ rights }) => rights).sort()).toEqual(Object.keys(acceptedUnplayed).sort());
    expect(withoutReason(unused)).toEqual([]);
  });
});
