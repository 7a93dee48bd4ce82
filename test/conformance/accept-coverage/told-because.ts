import { type Severity, severities } from '../../../shared/model/finding.ts';
import { answering, onlyTells, playbookNamed } from './road.ts';
import type { Row } from './page.ts';

/** Why nothing is changed about what is left to people; the first line that fits counts. */
const reasons: readonly (readonly [types: RegExp, about: RegExp, why: string])[] = [
  [/./, /^root user$/, 'no call limits the root user of an account from inside it: whoever owns the account has to'],
  [/File!/, /./, 'a copy that does not run: whoever keeps it has to say whether it may go'],
  [/./, /ECS/, 'no action of Cordon reaches ECS: whoever runs the service stops the task'],
  [
    /./,
    /^container on an instance$/,
    'the host carries other containers: whoever runs it says whether it may be cut off',
  ],
  [
    /^Policy:Kubernetes|SuccessfulAnonymousAccess/,
    /./,
    'what lets strangers in is a binding of the cluster, and nobody is there to cut off',
  ],
  [/^K8S/, /^cluster$/, 'it names a cluster and no workload: a whole cluster is not cut off'],
  [
    /^SQL\.VM_/,
    /./,
    'it is about the database on a machine: whether the machine may be cut off is for its owner to say',
  ],
  [/SqlInjection$/, /./, 'it came through the application: whoever is refused at the database is the application'],
  [
    /DataCenterAnomaly$|PrincipalAnomaly$/,
    /./,
    'somebody new signed in as somebody who may: only who that is can be asked',
  ],
  [/^(AI\.|Azure_Agentic)/, /./, 'nothing can be cut off but the model itself: the prompt is the attack'],
  [/^API_/, /./, 'the calls come in by the front door: what to refuse is for the owner of the API to say'],
  [/^NETWORK_DDOS/, /./, 'Azure DDoS Protection drops the traffic already'],
  [/CosmosDB/, /./, 'its keys and its network stand for whole applications: nothing narrower can be cut off'],
  [/^SQL\.(MI|MariaDB)_|^Synapse/, /./, 'no action of Cordon reaches this service'],
  [/^AppServices_EICAR$/, /./, 'a test file, which harms nothing'],
  [
    /^AppServices_(IncomingTiClientIpFtp|WebFingerprinting)$/,
    /./,
    'somebody looked in from outside; nothing runs there that should not',
  ],
  [/FailedAttempt$/, /./, 'nobody got in'],
  [/^Storage\.Blob_AM\./, /./, 'the result of the same scan comes by itself, and `malware-in-object` answers that'],
  [
    /^Storage\.(Files?_.*Malware|.*(MalwareHashReputation|MalwareDownload|PhishingContent)$)/,
    /./,
    'it names an account and no object that could be moved: whoever owns it takes it down',
  ],
  [/^Policy:S3\/Account/, /./, 'a setting of the whole account; each bucket that becomes public is answered by itself'],
  [/DanglingDomain$/, /./, 'a name points to an app that is gone: whoever owns the domain takes it back'],
];

const custom = 'raised by a rule of the organization: whoever wrote it says what is to be done';

/** The playbooks that would change something about the same alert, were it rated higher. */
function ifRatedHigher(one: Row): string | undefined {
  const higher: readonly Severity[] = severities.slice(severities.indexOf(one.severity) + 1, -1);
  for (const severity of higher) {
    const by = answering({ ...one, severity }).filter((id) => {
      const playbook = playbookNamed(id);
      return playbook !== undefined && !onlyTells(playbook) && !one.by.includes(id);
    });
    if (by.length > 0)
      return `rated ${one.severity}; at ${severity} it is answered by ${by.map((id) => `\`${id}\``).join(', ')}`;
  }
  return undefined;
}

/** Why an alert is only told; undefined where nobody has said why. */
export function toldBecause(one: Row): string | undefined {
  const listed = reasons.find(([types, about]) => types.test(one.type) && about.test(one.about));
  return ifRatedHigher(one) ?? listed?.[2] ?? (one.section === 'Custom Detection Rules' ? custom : undefined);
}
