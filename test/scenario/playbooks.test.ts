import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readNorthwind } from '../../functions/local/desk.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { type Tried, tryPlaybook } from '../../functions/local/try.ts';
import { allActions, allReads } from '../../functions/wire.ts';
import type { Playbook, PlaybookTest } from '../../shared/model/playbook.ts';
import { rightsNeeded } from '../../shared/playbook/rights-needed.ts';
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

/** Rights of the adapters that no play of a shipped playbook reaches, each with the reason. */
const unreached: Readonly<Record<string, string>> = {
  'Microsoft.Compute/virtualMachines/instanceView/read':
    'Azure asks for it of whoever expands the view; the sandbox does not',
  'graph:IdentityRiskEvent.Read.All': 'no shipped playbook answers a risk detection, and a trigger names no collection',
};

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

  it('hold no read beside those of the actions that no play makes', async () => {
    const made = new Set(
      (await all()).flatMap(({ operation, also }) => [operation, ...also]).map((name) => name.toLowerCase()),
    );
    const beside = [...needed.aws.reader, ...needed.azure.reader].filter(({ purpose }) => / /.test(purpose));
    const unused = beside
      .map(({ grant: { allow } }) => allow)
      .filter((allow) => !made.has(allow.replace(/^data:/, '').toLowerCase()));
    expect([...new Set(unused)].sort()).toEqual(Object.keys(unreached).sort());
  });
});
