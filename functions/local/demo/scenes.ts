import type { Json } from '../../../shared/model/json.ts';
import { type Attack, callHome, download, readObject, refreshToken, secureShell, whoAmI } from './attacker.ts';

/** One alert of the day, and what is expected of Cordon. */
export type Scene = {
  readonly title: string;
  /** An event fixture in wire form. */
  readonly event: string;
  /** Members of it that are different this time. */
  readonly changed?: Readonly<Record<string, Json>>;
  readonly attacks: readonly Attack[];
  /** Who answers when a playbook asks a person. */
  readonly approver?: string;
  readonly expect: 'contained' | 'left-alone';
};

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const machine = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01`;
const exports = ['northwind-customer-exports', '2026/all.csv'] as const;

/** The day: what Cordon answers, then what it leaves alone and why. */
export const scenes: readonly Scene[] = [
  {
    title: 'An access key that leaked',
    event: 'guardduty/leaked-access-key',
    attacks: [whoAmI({ accessKeyId: 'AKIACIDEPLOY00000001', secretAccessKey: 'ci-deploy-secret' })],
    expect: 'contained',
  },
  {
    title: 'Instance credentials used from outside AWS',
    event: 'guardduty/instance-credential-exfiltration-outside',
    attacks: [readObject(...exports, 'ASIAWEBSERVER0000001'), callHome('i-0aa11bb22cc33dd44', '203.0.113.50', 443)],
    approver: 'erik.dahl@northwind.example',
    expect: 'contained',
  },
  {
    title: 'An instance that talks to a command and control server',
    event: 'guardduty/compromised-instance',
    attacks: [callHome('i-0bb22cc33dd44ee55', '198.51.100.23', 443)],
    expect: 'contained',
  },
  {
    title: 'A bucket opened to the world',
    event: 'guardduty/public-bucket',
    attacks: [readObject(...exports)],
    expect: 'contained',
  },
  {
    title: 'A virtual machine broken into over SSH (Azure)',
    event: 'defender/vm-brute-force-export',
    attacks: [secureShell('203.0.113.220', machine, 'vm-web-01')],
    expect: 'contained',
  },
  {
    title: 'Malware uploaded to a storage account (Azure)',
    event: 'defender-storage/malicious-blob',
    attacks: [
      download(
        'https://northwinduploads.blob.core.windows.net/incoming/2026/11/Invoice%204711.docm',
        '0a1b2c3d-0000-4000-8000-00000000c0de',
      ),
    ],
    expect: 'contained',
  },
  {
    title: 'A federated session of a person in Entra: both clouds at once',
    event: 'guardduty/saml-session',
    attacks: [
      readObject(...exports, 'ASIASAMLADMIN0000001'),
      refreshToken('jonas.berg@northwind.example', '2026-11-20T08:00:00Z'),
    ],
    expect: 'contained',
  },
  {
    title: 'A session of an Identity Center user',
    event: 'guardduty/sso-session',
    attacks: [readObject(...exports, 'ASIASSOPOWERUSER0001')],
    expect: 'contained',
  },
  {
    title: 'A sample finding, about an instance that exists',
    event: 'guardduty/compromised-instance',
    changed: {
      'detail.id': '00000000000000000000000000005a3e',
      'detail.resource.instanceDetails.instanceId': 'i-0cc33dd44ee55ff66',
      'detail.service.additionalInfo.sample': true,
    },
    attacks: [],
    expect: 'left-alone',
  },
  {
    title: 'A finding about the break-glass user',
    event: 'guardduty/break-glass-key',
    attacks: [],
    expect: 'left-alone',
  },
  {
    title: 'A target in an account that is not ours',
    event: 'guardduty/foreign-account-key',
    attacks: [],
    expect: 'left-alone',
  },
];
