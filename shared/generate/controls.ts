/** What a playbook is to a control: every one of them, those that can be taken back, keep evidence, or protect data. */
export type Applies = 'every' | 'reversible' | 'evidence' | 'data';

/** One control of a standard, what Cordon has to show for it, and the command that shows it. */
export type Control = {
  readonly standard: string;
  readonly id: string;
  readonly asks: string;
  readonly evidence: string;
  readonly command: string;
  readonly applies: Applies;
};

/** The part of each control that Cordon gives evidence for; whether a control is met is for auditors to say. */
export const controls: readonly Control[] = [
  {
    standard: 'SOC 2',
    id: 'CC7.3',
    asks: 'Security events are evaluated.',
    evidence: 'For every finding: which playbooks matched, which field decided, or the reason why nothing was done.',
    command: 'cordon match --explain <event>',
    applies: 'every',
  },
  {
    standard: 'SOC 2',
    id: 'CC7.4',
    asks: 'Incidents are responded to: contained, communicated, remediated.',
    evidence:
      'The plan with its digest, who agreed, each call with the request id of the provider, the read that proves it.',
    command: 'cordon explain <run>',
    applies: 'every',
  },
  {
    standard: 'SOC 2',
    id: 'CC7.5',
    asks: 'Recovery from incidents.',
    evidence: 'What was there before, and its release with a plan, a digest and a proof of its own.',
    command: 'cordon release <run>',
    applies: 'reversible',
  },
  {
    standard: 'ISO/IEC 27001:2022',
    id: 'A.5.24',
    asks: 'Incident management is planned and prepared.',
    evidence: 'Playbooks under version control, each with tests that run; roles, approvers and limits in the settings.',
    command: 'cordon test',
    applies: 'every',
  },
  {
    standard: 'ISO/IEC 27001:2022',
    id: 'A.5.25',
    asks: 'Security events are assessed and decided upon.',
    evidence: 'The decision of the guardrails on every step, each with a reason code.',
    command: 'cordon runs <run>',
    applies: 'every',
  },
  {
    standard: 'ISO/IEC 27001:2022',
    id: 'A.5.26',
    asks: 'Incidents are responded to by documented procedures.',
    evidence: 'The playbook as it was, by its hash, and what was done by it.',
    command: 'cordon explain <run>',
    applies: 'every',
  },
  {
    standard: 'ISO/IEC 27001:2022',
    id: 'A.5.27',
    asks: 'Knowledge from incidents strengthens controls.',
    evidence: 'Outcomes, times to plan, approve, contain and verify, and skips by reason, as metrics.',
    command: 'cordon status',
    applies: 'every',
  },
  {
    standard: 'ISO/IEC 27001:2022',
    id: 'A.5.28',
    asks: 'Evidence is identified, collected and preserved.',
    evidence:
      'A journal chained by hashes and anchored outside; captured state; snapshots and quarantined objects that a release leaves.',
    command: 'cordon audit verify',
    applies: 'evidence',
  },
  {
    standard: 'NIST SP 800-53',
    id: 'IR-4(1)',
    asks: 'Incident handling is supported by automated processes.',
    evidence: 'Runs that an event opened, from the finding to the verified change.',
    command: 'cordon runs --day <date>',
    applies: 'every',
  },
  {
    standard: 'HIPAA',
    id: '164.308(a)(6)',
    asks: 'Security incidents are responded to, mitigated and documented.',
    evidence: 'The audit records of each run as JSON Lines.',
    command: 'cordon audit export <run>',
    applies: 'every',
  },
  {
    standard: 'GDPR',
    id: 'Art. 33',
    asks: 'Breaches of personal data are notified within 72 hours, and documented: facts, effects, remedial action.',
    evidence: 'When it was found, what was reachable, when it was cut off, with instants that the provider confirms.',
    command: 'cordon explain <run>',
    applies: 'data',
  },
];
