import type { Notice } from '../../shared/model/notice.ts';

export const askedAt = '2026-11-20T09:05:00.000Z';
export const planDigest = 'a1'.repeat(32);

/** A notice by which a person is asked, as a run makes it; with some of it changed. */
export const askNotice = (changed: Partial<Notice> = {}): Notice => ({
  id: 'noticeaaaaaaaaaaaaaaaaaaaa',
  kind: 'approval-asked',
  at: askedAt,
  severity: 'High',
  page: true,
  run: 'runaaaaaaaaaaaaaaaaaaaaaaa',
  playbook: 'stolen-instance-credentials',
  finding: {
    provider: 'guardduty',
    id: 'arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0/finding/f1',
    type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
    title: 'Credentials of web-1 are used from outside',
    description: 'Credentials of the instance i-0a1b2c3d4e5f60718 are used from 203.0.113.91.',
  },
  target: {
    type: 'aws.ec2.instance',
    id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718',
    name: 'web-1',
    account: '111122223333',
    region: 'eu-west-1',
  },
  outcome: null,
  detail: '',
  steps: [
    { id: 'deny-session', title: 'Deny the stolen session', state: 'contained', reason: 'allowed', changes: 1 },
    { id: 'evidence', title: 'Snapshot the volumes', state: 'failed', reason: 'action-failed', changes: 2 },
    { id: 'isolate', title: 'Isolate the instance', state: 'asked', reason: 'approval-asked', changes: 3 },
  ],
  asks: {
    approval: 'approvalaaaaaaaaaaaaaaaaaa',
    step: 'isolate',
    digest: planDigest,
    to: ['security-oncall'],
    until: '2026-11-20T09:35:00.000Z',
    cautions: ['Nothing brings the memory of the instance back.'],
  },
  commands: [
    `cordon approve approvalaaaaaaaaaaaaaaaaaa --digest ${planDigest}`,
    `cordon reject approvalaaaaaaaaaaaaaaaaaa --digest ${planDigest}`,
    'cordon release runaaaaaaaaaaaaaaaaaaaaaaa',
  ],
  ...changed,
});

/** A notice by which nobody is asked anything. */
export const endNotice = (changed: Partial<Notice> = {}): Notice =>
  askNotice({
    id: 'noticebbbbbbbbbbbbbbbbbbbb',
    kind: 'run-ended',
    page: false,
    outcome: 'contained',
    asks: null,
    commands: ['cordon release runaaaaaaaaaaaaaaaaaaaaaaa', 'cordon explain runaaaaaaaaaaaaaaaaaaaaaaa'],
    ...changed,
  });
