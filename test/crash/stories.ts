import { fileURLToPath } from 'node:url';
import { makeKnown } from '../../functions/local/known.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { FaultRule } from '../../shared/sandbox/faults.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { previewRelease, type ReleaseWish } from '../../shared/run/release.ts';
import { playbookOf } from '../support/doors.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { nsgId } from '../support/road.ts';
import { testSigner } from '../support/store.ts';
import { processOn, work } from './process.ts';
import { freshWorld, type World } from './world.ts';

/** A world in which something is about to happen, and the playbook that answers it. */
export type Story = {
  readonly name: string;
  readonly playbook: Playbook;
  readonly outcome: string;
  begin(): Promise<World>;
};

const shipped = usable(await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]));

function playbookNamed(id: string): Playbook {
  const found = shipped.find((one) => one.id === id);
  if (found) return found;
  throw new Error(`no playbook ${id} is shipped`);
}

/** A second person, at a machine that does not die, says yes to whatever is asked. False when nothing was. */
export async function peopleAgree({ sandbox, store, inbox }: World): Promise<boolean> {
  const desk = { records: store.records, clock: sandbox.clock, signer: testSigner };
  const asked = await openApprovals(desk);
  for (const { id, digest, run } of asked) {
    const said = { verdict: 'approved', person: 'jonas.berg@northwind.example', note: '', channel: 'cli' } as const;
    await answer(desk, id, digest, said);
    inbox.push({ kind: 'wake', runId: run });
  }
  return asked.length > 0;
}

/** A process that no fault meets, and the people around it. */
export async function lived(world: World, playbook: Playbook): Promise<World> {
  const one = processOn(world, playbook, (_, effect) => effect());
  do await work(one);
  while (await peopleAgree(world));
  return world;
}

type Told = {
  readonly name: string;
  readonly playbook: Playbook;
  readonly event: Json;
  readonly outcome?: string;
  /** What stands in its way from the beginning. */
  readonly faults?: readonly FaultRule[];
};

/** The event has been sent and nobody has received it. */
const contained = ({ name, playbook, event, outcome = 'contained', faults = [] }: Told): Story => ({
  ...{ name, playbook, outcome },
  async begin() {
    const world = freshWorld();
    makeKnown(world.sandbox, findingIn(event), event);
    for (const fault of faults) world.sandbox.faults.plant(fault);
    world.inbox.push({ kind: 'event', event });
    return world;
  },
});

/** Somebody has read how to take it back, and asks for that. */
const released = (told: Told): Story => ({
  name: `${told.name}, taken back`,
  playbook: told.playbook,
  outcome: 'released',
  async begin() {
    const world = await lived(await contained(told).begin(), told.playbook);
    world.sandbox.clock.advance(3_600);
    const [run] = world.store.all('run');
    const requester = { kind: 'person', id: 'maria.lind@northwind.example' } as const;
    const wish: ReleaseWish = { requester, wants: 'enforce', reactivateCredentials: true };
    const { deps } = processOn(world, told.playbook, (_, effect) => effect());
    const runId = run?.id ?? '';
    const { digest: agreedDigest } = await previewRelease(deps, runId, wish, AbortSignal.timeout(10_000));
    world.inbox.push({ kind: 'release', runId, wish: { ...wish, agreedDigest } });
    world.sandbox.recorder.clear();
    return world;
  },
});

const event = (name: string, members: Readonly<Record<string, Json>> = {}): Json =>
  withMembers(readEvent(name), members);

const leaked = event('guardduty/leaked-access-key');
const headlines: readonly Told[] = [
  { name: 'leaked access key', playbook: playbookNamed('leaked-access-key'), event: leaked },
  {
    name: 'stolen instance credentials',
    playbook: playbookNamed('stolen-instance-credentials'),
    event: event('guardduty/instance-credential-exfiltration-outside'),
  },
  {
    name: 'compromised instance',
    playbook: playbookNamed('compromised-instance'),
    event: event('guardduty/compromised-instance'),
  },
  {
    name: 'exposed virtual machine',
    playbook: playbookNamed('exposed-virtual-machine'),
    event: event('defender/vm-brute-force-export'),
  },
  { name: 'public bucket', playbook: playbookNamed('public-bucket'), event: event('guardduty/public-bucket') },
  {
    name: 'identity center session',
    playbook: playbookNamed('identity-center-session'),
    event: event('guardduty/sso-session'),
  },
  {
    name: 'federated session',
    playbook: playbookNamed('federated-session'),
    event: event('guardduty/saml-session'),
  },
  {
    name: 'malware in a blob',
    playbook: playbookNamed('malware-in-object'),
    event: event('defender-storage/malicious-blob'),
  },
  {
    name: 'malware in an S3 object',
    playbook: playbookNamed('malware-in-object'),
    event: event('guardduty-s3/malicious-object'),
  },
];

const closing = (id: string, port: number, more = '', group = nsgId): string =>
  `{ id: ${id}, action: azure.network.close-nsg-port, with: { networkSecurityGroupId: "${group}", port: ${port} }${more} }`;
/** Another group of the same machine: which of two steps comes first must not show in the order of a group's rules. */
const frontend = nsgId.replace('nsg-web', 'nsg-frontend');
const closingPorts = (steps: string): Playbook =>
  playbookOf(`
id: close-ports
title: Close ports
on: { finding: { provider: [defender] } }
targets: { type: [azure.compute.virtual-machine], role: [affected] }
mode: enforce
steps:
${steps}
`);

const bruteForce = event('defender/vm-brute-force-export');
const sideBySide: Told = {
  name: 'steps side by side',
  playbook: closingPorts(`  - { parallel: [${closing('web', 22)}, ${closing('front', 22, '', frontend)}] }`),
  event: bruteForce,
};
const rolledBack: Told = {
  name: 'a step that fails, rolled back',
  playbook: closingPorts(`  - ${closing('ssh', 22)}\n  - ${closing('rdp', 3389, ', onFailure: roll-back')}`),
  event: bruteForce,
  outcome: 'rolled-back',
  faults: [
    {
      operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      fault: { kind: 'error', code: 'AuthorizationFailed', status: 403 },
      after: 1,
    },
  ],
};

export const stories: readonly Story[] = [
  ...[...headlines, sideBySide].flatMap((told) => [contained(told), released(told)]),
  contained(rolledBack),
];
