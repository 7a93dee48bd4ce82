import type { RemediationEvent } from '../../shared/model/remediation-event.ts';
import { remediationEvents } from '../../shared/report/remediation-event.ts';
import { RunOrder } from '../../shared/model/run.ts';
import { leakedKey } from './road.ts';

/** A run about a leaked key, with some of it changed. */
export function leakedKeyOrder(changed: object = {}): RunOrder {
  const { finding } = leakedKey();
  return RunOrder.parse({
    kind: 'containment',
    id: 'abcdefghijklmnopqrstuvwxyz',
    playbook: 'leaked-key',
    playbookHash: 'hash',
    finding,
    target: finding.resources[0],
    mode: 'enforce',
    modeReason: 'allowed',
    requester: { kind: 'event', id: finding.id },
    openedAt: '2026-11-20T09:05:00.000Z',
    event: 'digest',
    ...changed,
  });
}

/** The events of a run with so many steps. */
export function manyRemediations(count: number): readonly RemediationEvent[] {
  const order = leakedKeyOrder();
  const steps = Array.from({ length: count }, (_, at) => ({
    id: `disable-${at}`,
    action: 'aws.iam.disable-access-key',
    outcome: 'contained' as const,
    reason: 'allowed' as const,
    moved: [],
  }));
  const result = { outcome: 'contained', reason: 'allowed', steps } as const;
  return remediationEvents({ order, result, at: '2026-11-20T09:06:00.000Z' }, () => ({ d3fend: 'D3-CR' }));
}
