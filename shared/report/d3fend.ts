/** The release of the D3FEND matrix whose words these are (d3fend.mitre.org). */
export const d3fendVersion = '1.2.0';

/** Tactics of D3FEND as OCSF numbers them in `activity_id` of a remediation. */
export const tactics = { Isolate: 1, Evict: 2, Restore: 3, Harden: 4, Detect: 5, Other: 99 } as const;
export type Tactic = keyof typeof tactics;

type Technique = { readonly name: string; readonly tactic: Tactic };

/** The techniques that actions declare; an inventory mark counts as detection, since OCSF has no word for modelling. */
export const techniques: Readonly<Record<string, Technique>> = {
  'D3-AI': { name: 'Asset Inventory', tactic: 'Detect' },
  'D3-AL': { name: 'Account Locking', tactic: 'Evict' },
  'D3-ANCI': { name: 'Authentication Cache Invalidation', tactic: 'Evict' },
  'D3-APA': { name: 'Access Policy Administration', tactic: 'Harden' },
  'D3-CR': { name: 'Credential Revocation', tactic: 'Evict' },
  'D3-FA': { name: 'File Analysis', tactic: 'Detect' },
  'D3-FEV': { name: 'File Eviction', tactic: 'Evict' },
  'D3-HS': { name: 'Host Shutdown', tactic: 'Evict' },
  'D3-ITF': { name: 'Inbound Traffic Filtering', tactic: 'Isolate' },
  'D3-LFP': { name: 'Local File Permissions', tactic: 'Isolate' },
  'D3-NI': { name: 'Network Isolation', tactic: 'Isolate' },
  'D3-NRAM': { name: 'Network Resource Access Mediation', tactic: 'Isolate' },
  'D3-NTF': { name: 'Network Traffic Filtering', tactic: 'Isolate' },
  'D3-OTF': { name: 'Outbound Traffic Filtering', tactic: 'Isolate' },
  'D3-PS': { name: 'Process Suspension', tactic: 'Evict' },
  'D3-RC': { name: 'Restore Configuration', tactic: 'Restore' },
  'D3-SCP': { name: 'System Configuration Permissions', tactic: 'Harden' },
  'D3-ST': { name: 'Session Termination', tactic: 'Evict' },
  'D3-UAP': { name: 'User Account Permissions', tactic: 'Harden' },
};

/** What a technique is called and which tactic it serves; one that is not listed is named by its id alone. */
export const techniqueOf = (id: string): Technique =>
  Object.hasOwn(techniques, id) && techniques[id] ? techniques[id] : { name: id, tactic: 'Other' };
