import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isPortable, tellPerson } from '../../shared/action/portable.ts';
import type { Json } from '../../shared/model/json.ts';
import { type Playbook, placedSteps, stepOfUse } from '../../shared/model/playbook.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { held } from '../../shared/records/containments.ts';
import { targetsOf } from '../../shared/run/open.ts';
import { reach } from '../../shared/sandbox/aws/network.ts';
import { refreshes } from '../../shared/sandbox/azure/entra-users.ts';
import { reachAzure, reachFromAzure } from '../../shared/sandbox/azure/network.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, nobody, refusal } from '../support/attacker.ts';
import { blobUrl, fetchBlob, networkSecurityGroupId, vmId } from '../support/azure.ts';
import { production } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import {
  carryOn,
  changing,
  openOne,
  planOf,
  playbook,
  type Road,
  road,
  stateOf,
  takenBack,
  type Told,
} from '../support/road.ts';
import { changedLines, linesOf } from '../support/three-way.ts';

type Changed = Readonly<Record<string, Json>>;

/** A finding as its provider sends it. */
type Seen = { readonly event: string; readonly with?: Changed };

/** One of the two clouds on which a playbook is played. */
type Scene = {
  readonly seen: Seen;
  /** Another finding about the same target. */
  readonly again: Seen;
  /** One about which a person is asked before anything is cut off; none where the playbook never asks. */
  readonly unsure?: Seen;
  /** A call of the attacker's, and whether it gets through. */
  readonly attack: (sandbox: Sandbox) => unknown;
  /** Lines that no release takes back: evidence, and sign-ins that people make anew. */
  readonly keeps?: RegExp;
};

type Row = { readonly file: string; readonly aws: Scene; readonly azure: Scene };

const seen = (event: string, changed: Changed = {}): Seen => ({ event, with: changed });
/** The same with another id. */
const otherAlert: Changed = { SystemAlertId: '2516471987999999999_00000000-0000-4000-8000-000000000002' };
const otherGuardDuty: Changed = {
  'detail.id': 'b2c0f0e2b7d84d3693c5e6f708192a02',
  'detail.arn': `arn:aws:guardduty:eu-west-1:${production}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b2c0f0e2b7d84d3693c5e6f708192a02`,
};

const customers = 'https://northwindexports.blob.core.windows.net/exports/2026/11/customers.csv';
const invoiceReader = '0a1b2c3d-0000-4000-8000-00000000a001';
const web = 'i-0aa11bb22cc33dd44';
const bruteForce: Changed = {
  account: production,
  'detail.accountId': production,
  'detail.resource.instanceDetails.instanceId': web,
};
const backdoor: Changed = { 'detail.resource.instanceDetails.instanceId': web };
const toolkit: Changed = { AlertType: 'VM_FilelessAttackToolkit.Linux', AlertDisplayName: 'Fileless Attack Toolkit' };
/** Of a session that the user made: no key of its own is named. */
const userSession: Changed = { 'detail.resource.accessKeyDetails.accessKeyId': 'ASIACIDEPLOY00000001' };

const reads = async (client: S3Client, Bucket: string, Key: string): Promise<boolean> =>
  (await refusal(client.send(new GetObjectCommand({ Bucket, Key })))) === undefined;

const rows: readonly Row[] = [
  {
    file: 'portable/compromised-compute',
    aws: {
      seen: seen('guardduty/compromised-instance', backdoor),
      again: seen('guardduty/compromised-instance', { ...backdoor, ...otherGuardDuty }),
      unsure: seen('guardduty/compromised-instance', { ...backdoor, 'detail.type': 'Behavior:EC2/NetworkPortUnusual' }),
      attack: (sandbox) => reach(sandbox, { from: web, to: '198.51.100.23', port: 443 }) === 'connected',
      keeps: /\/snap-/,
    },
    azure: {
      seen: seen('defender/vm-brute-force-export', toolkit),
      again: seen('defender/vm-brute-force-export', { ...toolkit, ...otherAlert }),
      unsure: seen('defender/vm-brute-force-export', { AlertType: 'Network_CommunicationWithC2' }),
      attack: (sandbox) => reachFromAzure(sandbox, { vmId, to: '198.51.100.23', port: 443 }) === 'connected',
      keeps: /\/microsoft\.compute\/snapshots\//,
    },
  },
  {
    file: 'portable/compromised-identity',
    aws: {
      seen: seen('guardduty/leaked-access-key', userSession),
      again: seen('guardduty/leaked-access-key', { ...userSession, ...otherGuardDuty }),
      unsure: seen('guardduty/leaked-access-key', { ...userSession, 'detail.type': 'PenTest:IAMUser/KaliLinux' }),
      attack: async (sandbox) => {
        const thief = new S3Client(holding(sandbox, 'AKIACIDEPLOY00000001'));
        return (await refusal(thief.send(new ListBucketsCommand({})))) === undefined;
      },
    },
    azure: {
      seen: seen('defender/arm-suspicious-address'),
      again: seen('defender/arm-suspicious-address', otherAlert),
      unsure: seen('defender/arm-suspicious-address', { Severity: 'Low' }),
      attack: (sandbox) => refreshes(sandbox, 'jonas.berg@northwind.example', '2026-11-20T08:30:00Z'),
      keeps: /signInSessionsValidFromDateTime/,
    },
  },
  {
    file: 'portable/public-storage',
    aws: {
      seen: seen('guardduty/public-bucket'),
      again: seen('config/public-bucket'),
      unsure: seen('config/public-bucket', { 'detail.oldEvaluationResult': null }),
      attack: (sandbox) => reads(new S3Client(nobody(sandbox)), 'northwind-customer-exports', '2026/all.csv'),
    },
    azure: {
      seen: seen('azure-policy/not-compliant'),
      again: seen('defender-assessment/public-storage-account'),
      unsure: seen('activity-log/storage-account-written'),
      attack: async (sandbox) => (await fetchBlob(sandbox, customers)).status === 200,
    },
  },
  {
    file: 'portable/exposed-port',
    aws: {
      seen: seen('cloudtrail/open-ssh'),
      again: seen('cloudtrail/open-ssh', { 'detail.eventID': 'c1a7d0e2-5b64-4f38-9d01-0000000000ff' }),
      unsure: seen('config/restricted-ssh', { 'detail.oldEvaluationResult': null }),
      attack: (sandbox) => reach(sandbox, { from: '203.0.113.66', to: web, port: 22 }) === 'connected',
    },
    azure: {
      seen: seen('activity-log/security-rule-written'),
      again: seen('activity-log/security-rule-written', {
        'data.correlationId': '5f0e1d2c-3b4a-4000-8000-0000000000ff',
      }),
      unsure: seen('activity-log/security-rule-written', {
        'data.operationName': 'Microsoft.Network/networkSecurityGroups/write',
        'data.resourceUri': networkSecurityGroupId,
      }),
      attack: (sandbox) => reachAzure(sandbox, { from: '203.0.113.220', vmId, port: 22 }) === 'connected',
    },
  },
  {
    file: 'attacker-address',
    aws: {
      seen: seen('guardduty/ssh-brute-force-target', bruteForce),
      again: seen('guardduty/ssh-brute-force-target', { ...bruteForce, ...otherGuardDuty }),
      unsure: seen('guardduty/ssh-brute-force-target', {
        ...bruteForce,
        'detail.type': 'Recon:EC2/PortProbeUnprotectedPort',
      }),
      attack: (sandbox) => reach(sandbox, { from: '203.0.113.210', to: web, port: 22 }) === 'connected',
    },
    azure: {
      seen: seen('defender/vm-brute-force-export', { AlertType: 'SSH_Incoming_BF_OneToOne' }),
      again: seen('defender/vm-brute-force-export', { AlertType: 'SSH_Incoming_BF_OneToOne', ...otherAlert }),
      unsure: seen('defender/vm-brute-force-export', { AlertType: 'Network_TrafficFromUnrecommendedIP' }),
      attack: (sandbox) => reachAzure(sandbox, { from: '203.0.113.220', vmId, port: 22 }) === 'connected',
    },
  },
  {
    file: 'malware-in-object',
    aws: {
      seen: seen('guardduty-s3/malicious-object'),
      again: seen('guardduty/s3-object'),
      attack: (sandbox) => {
        const reader = new S3Client(holding(sandbox, 'AKIACIDEPLOY00000001'));
        return reads(reader, 'northwind-uploads', 'incoming/Invoice 4711.docm');
      },
    },
    azure: {
      seen: seen('defender-storage/malicious-blob'),
      again: seen('defender-storage/malicious-blob', { 'data.correlationId': '7a2b3c4d-1111-4222-8333-0000000000ff' }),
      attack: async (sandbox) => (await fetchBlob(sandbox, blobUrl, invoiceReader)).status === 200,
    },
  },
];

const folder = new URL('../../playbooks/', import.meta.url);

const read = (file: string): Playbook => playbook(readFileSync(new URL(`${file}.yaml`, folder), 'utf8'));

function told({ event: name, with: changed = {} }: Seen): Told {
  const event = withMembers(readEvent(name), changed);
  return { finding: findingIn(event), event };
}

/** Goes on until the run ends; a second person agrees to whatever is asked. */
async function throughout(one: Road, runId: string): Promise<string> {
  const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
  await carryOn(one, runId);
  for (let open = await openApprovals(one.deps); open.length > 0; open = await openApprovals(one.deps)) {
    for (const { id, digest } of open) await answer(one.deps, id, digest, yes);
    await carryOn(one, runId);
  }
  const { result, status } = await stateOf(one, runId);
  return result?.outcome ?? status;
}

/** What a run goes on to, with nobody there to be asked. */
async function alone(one: Road, runId: string): Promise<string> {
  const { result, status } = await carryOn(one, runId);
  return result?.outcome ?? status;
}

/** The steps of a run's plan by id, each once, however many items it was used on. */
async function stepsOf(one: Road, how: Playbook, runId: string): Promise<readonly (string | undefined)[]> {
  const { steps = [] } = (await planOf(one, runId)) ?? {};
  return [...new Set(steps.map(({ id }) => stepOfUse(how, id)?.step.id))];
}

/** The steps of a run that have cut something off. */
async function cutOffBy(one: Road, how: Playbook, runId: string): Promise<readonly string[]> {
  const { result } = await stateOf(one, runId);
  const made = (result?.steps ?? []).filter(({ outcome }) => outcome !== 'nothing-to-do');
  return made.flatMap(({ id }) => (stepOfUse(how, id)?.step.action === 'keep-evidence' ? [] : [id]));
}

/** Every finding gets its own copy of the disks. */
const notEvidence = (calls: readonly RecordedCall[]): readonly string[] =>
  calls.flatMap(({ operation }) => (/snapshot/i.test(operation) ? [] : [operation]));

describe.each(rows)('$file', ({ file, aws, azure }) => {
  const how = read(file);
  const keepsEvidence = placedSteps(how).some(({ step }) => step.action === 'keep-evidence');
  /** What a second finding comes to; what was moved away is gone, and evidence is kept for each. */
  const nothingLeft = keepsEvidence ? ['contained'] : ['nothing-to-do', 'target-gone'];

  test('names no action of a single cloud', () => {
    const actions = placedSteps(how).map(({ step }) => step.action);
    expect(actions.filter((action) => !isPortable(action) && action !== tellPerson)).toEqual([]);
  });

  test('plans the same steps on both clouds', async () => {
    const planned = [aws, azure].map(async (scene) => {
      const one = road();
      const runId = await openOne(one, how, told(scene.seen), { wants: 'dry-run' });
      await carryOn(one, runId);
      return stepsOf(one, how, runId);
    });
    const [onAws, onAzure] = await Promise.all(planned);
    expect(onAws?.length).toBeGreaterThan(0);
    expect(onAzure).toEqual(onAws);
  });

  describe.each([
    { cloud: 'AWS', scene: aws },
    { cloud: 'Azure', scene: azure },
  ])('on $cloud', ({ scene }) => {
    const { attack, keeps, unsure } = scene;

    test('contains what a finding is about, joins what is contained, and gives all of it back', async () => {
      const one = road();
      const before = linesOf(one.sandbox);
      expect(await attack(one.sandbox)).toBe(true);
      const runId = await openOne(one, how, told(scene.seen));
      expect(await throughout(one, runId)).toBe('contained');
      expect(await attack(one.sandbox)).toBe(false);

      const made = changing(one).length;
      const again = await openOne(one, how, told(scene.again));
      expect(nothingLeft).toContain(await throughout(one, again));
      expect(await cutOffBy(one, how, again)).toEqual([]);
      expect(notEvidence(changing(one).slice(made))).toEqual([]);

      for (const id of [again, runId])
        await throughout(one, (await takenBack(one, id, { reactivateCredentials: true })).runId);
      expect(await held(one.deps)).toEqual([]);
      const left = [...changedLines(before, linesOf(one.sandbox)).keys()];
      expect(left.filter((line) => !keeps?.test(line))).toEqual([]);
    });

    test('changes nothing in dry-run', async () => {
      const one = road();
      const runId = await openOne(one, how, told(scene.seen), { wants: 'dry-run' });
      expect(await alone(one, runId)).toBe('planned');
      expect(changing(one)).toEqual([]);
      expect(await attack(one.sandbox)).toBe(true);
    });

    test('leaves alone what is protected', async () => {
      const what = told(scene.seen);
      const [target] = targetsOf(how, what.finding);
      const when = { target: { id: [target?.id ?? ''] } };
      const one = road({ protections: [{ name: 'ours', when, decision: 'deny', kind: 'target' }] });
      expect(await throughout(one, await openOne(one, how, what))).toBe('denied');
      expect(changing(one)).toEqual([]);
    });

    test('asks where the playbook is not sure, and cuts nothing off meanwhile', async () => {
      const asks = placedSteps(how).some(({ step }) => step.approve);
      expect(unsure !== undefined).toBe(asks);
      if (!unsure) return;
      const one = road();
      expect(await alone(one, await openOne(one, how, told(unsure)))).toBe('waiting');
      expect(notEvidence(changing(one))).toEqual([]);
      expect(await attack(one.sandbox)).toBe(true);
    });
  });
});
