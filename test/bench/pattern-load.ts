import type { Json } from '../../shared/model/json.ts';

/** Patterns and events as JSON text. */
export type Load = { readonly name: string; readonly patterns: readonly string[]; readonly events: readonly string[] };

type Random = (below: number) => number;

/** A linear congruential generator: the same load in every run. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const purposes = ['UnauthorizedAccess', 'Recon', 'Trojan', 'CryptoCurrency', 'Backdoor', 'Exfiltration', 'Policy'];
const services = ['EC2', 'IAMUser', 'S3', 'Lambda', 'RDS'];
const regions = ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1', 'ap-northeast-1', 'sa-east-1'];
const stages = ['prod', 'staging', 'dev', 'sandbox'];

const pick = (from: readonly string[], random: Random): string => from[random(from.length)] ?? '';
const account = (random: Random): string => String(100_000_000_000 + random(900));
const kind = (random: Random): string => `${pick(purposes, random)}:${pick(services, random)}/Finding${random(12)}`;
const area = (random: Random): string => `${pick(purposes, random)}:${pick(services, random)}/`;

/** The shapes that rules for findings have, most frequent first. */
const shapes: readonly ((random: Random) => Json)[] = [
  (random) => ({
    type: [{ prefix: area(random) }],
    severity: [{ numeric: ['>=', 4] }],
    accountId: [account(random), account(random)],
  }),
  (random) => ({
    type: [{ prefix: area(random) }],
    severity: [{ numeric: ['>=', 4, '<', 8] }],
    resource: { tags: { key: ['env'], value: [pick(stages, random)] } },
    accountId: [account(random)],
  }),
  (random) => ({ type: [kind(random)], region: [pick(regions, random)], accountId: [account(random)] }),
  (random) => ({ data: { alertType: [`SQL.Suspicious${random(50)}`], subscriptionId: [`0000-${random(5_000)}`] } }),
  (random) => ({
    type: [{ prefix: `${pick(purposes, random)}:` }],
    service: { remoteIp: [{ cidr: `${random(200)}.${random(200)}.0.0/16` }] },
  }),
  (random) => ({
    type: [kind(random)],
    region: [pick(regions, random)],
    accountId: [{ 'anything-but': [account(random)] }],
    resource: { tags: { key: ['auto-remediate'], value: ['true'] } },
  }),
  (random) => ({ type: [{ suffix: `/Finding${random(12)}` }], accountId: [account(random)] }),
  (random) => ({ type: [{ wildcard: `${pick(purposes, random)}:*/*${random(10)}` }], accountId: [account(random)] }),
];

function patternText(random: Random): string {
  const shape = shapes[Math.min(random(shapes.length), random(shapes.length))] ?? shapes[0];
  return JSON.stringify({
    source: ['aws.guardduty'],
    'detail-type': ['GuardDuty Finding'],
    detail: shape?.(random) ?? {},
  });
}

function eventText(random: Random): string {
  const id = account(random);
  const tags = [
    { key: 'env', value: pick(stages, random) },
    { key: 'team', value: 'search' },
    { key: 'Name', value: `srv-${random(900)}` },
    { key: 'auto-remediate', value: String(random(2) === 0) },
  ];
  const details = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`detail${at}`, `value ${random(1e6)} of field ${at}`]),
  );
  const address = `${random(200)}.${random(200)}.${random(255)}.1`;
  return JSON.stringify({
    version: '0',
    id: `event-${random(1e6)}`,
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    account: id,
    region: pick(regions, random),
    detail: {
      accountId: id,
      region: pick(regions, random),
      type: kind(random),
      resource: { resourceType: 'Instance', tags, networkInterfaces: [{ ...details, securityGroups: [details] }] },
      service: { serviceName: 'guardduty', remoteIp: address, archived: false, count: random(99) },
      severity: 1 + random(9),
    },
  });
}

/** GuardDuty-like patterns and events of about 4 KB, made here; the numbers are those of no real account. */
export function generatedLoad(patterns: number, events: number): Load {
  const random = randomFrom(7);
  return {
    name: 'generated',
    patterns: Array.from({ length: patterns }, () => patternText(random)),
    events: Array.from({ length: events }, () => eventText(random)),
  };
}
