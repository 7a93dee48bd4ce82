import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sandboxClouds } from '../../functions/local/wire.ts';
import { allActions } from '../../functions/wire.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { held } from '../../shared/records/containments.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { identities, northwindSandbox, northwindSettings } from '../support/company.ts';
import { findingIn, readEvent } from '../support/events.ts';
import type { EditedPlaybook } from '../support/foreign-edit.ts';
import { lazily } from '../support/lazily.ts';
import { type MemoryStore, memoryStore } from '../support/memory-records.ts';
import { carryOn, lived, playbook, type Road, stateOf, takenBack } from '../support/road.ts';
import { testSigner } from '../support/store.ts';
import { changedLines, clobbered, damaged, leftOver, linesOf } from '../support/three-way.ts';
import { edited as compromisedInstance } from './edits/compromised-instance.ts';
import { edited as attackedDatabase } from './edits/attacked-database.ts';
import { edited as exposedVirtualMachine } from './edits/exposed-virtual-machine.ts';
import { edited as federatedSession } from './edits/federated-session.ts';
import { edited as leakedAccessKey } from './edits/leaked-access-key.ts';
import { edited as malwareInBlob } from './edits/malware-in-blob.ts';
import { edited as malwareInS3Object } from './edits/malware-in-s3-object.ts';
import { edited as publicBucket } from './edits/public-bucket.ts';
import { edited as storageDataStolen } from './edits/storage-data-stolen.ts';
import { edited as stolenInstanceCredentials } from './edits/stolen-instance-credentials.ts';

const all: readonly EditedPlaybook[] = [
  leakedAccessKey,
  stolenInstanceCredentials,
  compromisedInstance,
  exposedVirtualMachine,
  publicBucket,
  federatedSession,
  malwareInBlob,
  malwareInS3Object,
  attackedDatabase,
  storageDataStolen,
];

const shipped = (name: string) =>
  playbook(readFileSync(new URL(`../../playbooks/${name}.yaml`, import.meta.url), 'utf8'));

/** A second person agrees to whatever is asked, until nothing is asked any more. */
async function agreed(one: Road, runId: string): Promise<void> {
  const jonas = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
  for (let open = await openApprovals(one.deps); open.length > 0; open = await openApprovals(one.deps)) {
    for (const { id, digest } of open) await answer(one.deps, id, digest, jonas);
    await carryOn(one, runId);
  }
}

type Place = Road & { readonly store: MemoryStore };

/** Cordon at a company whose records lie in memory, so that both can be copied. */
function placeAt(sandbox: Sandbox, store: MemoryStore, changed: Partial<Settings> = {}): Place {
  const settings = northwindSettings(changed);
  const clouds = sandboxClouds(sandbox, settings, identities);
  const { records, evidence } = store;
  const { clock } = sandbox;
  const deps: RunDeps = {
    ...{ records, evidence, clock, clouds, settings },
    ...{ actions: allActions, signer: testSigner, notifier: silentNotifier },
  };
  return { sandbox, deps, engine: engineOf(deps), signal: new AbortController().signal, store };
}

/** What a playbook contains, with all that is there before and after. */
async function containedBy({ playbook: name, event, settings }: EditedPlaybook) {
  const one = placeAt(northwindSandbox(), memoryStore(), settings);
  const before = linesOf(one.sandbox);
  const raw = readEvent(event);
  const { runId } = await lived(one, shipped(name), { finding: findingIn(raw), event: raw });
  await agreed(one, runId);
  const { result } = await stateOf(one, runId);
  return { one, runId, before, outcome: result?.outcome };
}

/** Lets somebody edit what was contained, and releases it; with the states in between. */
async function told(
  { settings }: EditedPlaybook,
  { one: first, runId, before }: Awaited<ReturnType<typeof containedBy>>,
  make: (sandbox: Sandbox) => void,
) {
  const one = placeAt(first.sandbox.fork(), first.store.fork(), settings);
  const contained = linesOf(one.sandbox);
  make(one.sandbox);
  const edited = linesOf(one.sandbox);
  const release = await takenBack(one, runId, { reactivateCredentials: true });
  await agreed(one, release.runId);
  const { result } = await carryOn(one, release.runId);
  const history = { before, contained, edited };
  return { history, released: linesOf(one.sandbox), result, open: await held(one.deps) };
}

const never = /^$/;
/** Whether each resource is one of those expected, and none is left over. */
const areThose = (resources: readonly string[], names: readonly string[]): boolean =>
  resources.length === names.length && names.every((name) => resources.some((one) => one.includes(name)));

describe.each(all)('after $playbook, a release', (which) => {
  const contained = lazily(() => containedBy(which));
  test.each([...which.edits])('leaves standing what others did: $name', async ({ make, moved = [], stays = never }) => {
    const was = await contained();
    expect(was.outcome).toBe('contained');
    const { history, released, result, open } = await told(which, was, make);
    expect(changedLines(history.contained, history.edited).size).toBeGreaterThan(0);
    expect(clobbered(history, released)).toEqual([]);
    expect(damaged(history, released)).toEqual([]);

    const left = leftOver(history, released).filter((line) => !which.keeps?.test(line));
    expect(left.filter((line) => !stays.test(line))).toEqual([]);
    expect(left.length > 0).toBe(stays !== never);

    const steps = result?.steps ?? [];
    const named = steps.flatMap((step) => step.moved.map(({ resource }) => resource));
    expect(named).toSatisfy((resources: string[]) => areThose(resources, moved));
    expect(steps.every((step) => (step.reason === 'foreign-edit') === step.moved.length > 0)).toBe(true);
    expect(`${result?.outcome} ${result?.reason}`).toBe(
      moved.length > 0 ? 'released foreign-edit' : 'released allowed',
    );
    expect(open).toEqual([]);
  });
});
