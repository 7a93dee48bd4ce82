import type { Finding, Severity } from '../../shared/model/finding.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { publishedLimits } from '../../shared/sandbox/quotas.ts';
import { securityGroupRules, securityGroups } from '../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey } from '../../shared/sandbox/aws/ec2-rules.ts';
import { seedResource } from '../../shared/sandbox/azure/arm.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { northwind, production, subscription } from './company.ts';
import { findingIn, readEvent, withMembers } from './events.ts';
import { openPort, playbook, type Told } from './road.ts';
import { boundsOf, chance, isThrottled, shuffled, storm } from './storm.ts';

/** A storm over one kind of thing: what there is a thousand of, how one is found, and what is done to it. */
export type Weather = {
  readonly cloud: 'aws' | 'azure';
  readonly how: Playbook;
  prepare(sandbox: Sandbox, count: number): void;
  told(at: number, severity: Severity): Told;
};

const head = 'mode: enforce\nlimits: { targets: 5, perHour: 10000 }';
const numbered = (at: number): string => String(at).padStart(4, '0');

const { finding: alert } = openPort();
const nsgOf = (at: number): string =>
  `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-${numbered(at)}`;

/** Network security groups of one subscription, each with SSH open to all. */
export const overAzure: Weather = {
  cloud: 'azure',
  how: playbook(`
id: close-ssh
title: Close SSH
on: { finding: { provider: [defender] } }
${head}
steps:
  - id: close
    action: azure.network.close-nsg-port
    with: { networkSecurityGroupId: "\${target.id}", port: 22 }
`),
  prepare({ rows }, count) {
    const properties = {
      priority: 300,
      direction: 'Inbound',
      access: 'Allow',
      protocol: 'Tcp',
      sourceAddressPrefix: '*',
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      destinationPortRange: '22',
    };
    const securityRules = [{ name: 'allow-ssh', properties }];
    for (let at = 0; at < count; at += 1) {
      const type = 'Microsoft.Network/networkSecurityGroups';
      seedResource(rows, { id: nsgOf(at), type, location: 'westeurope', tags: {}, properties: { securityRules } });
    }
  },
  told(at, severity) {
    const [target] = alert.resources;
    if (!target) throw new Error('the sample names no target');
    const name = `open-port-${numbered(at)}`;
    const finding: Finding = {
      ...alert,
      id: name,
      severity,
      resources: [{ ...target, id: nsgOf(at), name: `nsg-${numbered(at)}` }],
      link: {
        alertId: `/subscriptions/${subscription}/providers/Microsoft.Security/locations/westeurope/alerts/${name}`,
        alertName: name,
        systemAlertId: name,
      },
    };
    return { finding, event: { id: name } };
  },
};

const groupId = (at: number): string => `sg-0000000000000${numbered(at)}`;

/** Security groups of one account and region, each with SSH open to all. */
export const overAws: Weather = {
  cloud: 'aws',
  how: playbook(`
id: close-ssh
title: Close SSH
on: { finding: { provider: [guardduty] } }
targets: { type: [aws.ec2.security-group] }
${head}
steps:
  - id: close
    action: aws.ec2.revoke-sg-rule
    with: { groupId: "\${target.groupId}", port: 22 }
`),
  prepare({ rows }, count) {
    for (let at = 0; at < count; at += 1) {
      const place = { account: production, region: 'eu-west-1', groupId: groupId(at) };
      rows.put(securityGroups, place.groupId, {
        ...place,
        name: `ssh-${numbered(at)}`,
        description: '',
        vpcId: 'vpc-0aa11bb22cc33dd00',
      });
      const rule = { ...place, egress: false, protocol: 'tcp', fromPort: 22, toPort: 22, revision: 0 };
      const open = { ...rule, source: { kind: 'ipv4', value: '0.0.0.0/0' } } as const;
      rows.put(securityGroupRules, ruleKey(open), open);
    }
  },
  told(at, severity) {
    const id = `c${String(at).padStart(31, '0')}`;
    const arn = `arn:aws:guardduty:eu-west-1:${production}:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/${id}`;
    const event: JsonObject = withMembers(sample, {
      account: production,
      'detail.accountId': production,
      'detail.id': id,
      'detail.arn': arn,
    });
    const finding = findingIn(event);
    const name = `ssh-${numbered(at)}`;
    const place = { account: production, region: 'eu-west-1', role: 'affected' } as const;
    const target = { type: 'aws.ec2.security-group', id: groupId(at), groupId: groupId(at), name, ...place } as const;
    return { finding: { ...finding, severity, resources: [target] }, event };
  },
};
const sample = readEvent('guardduty/ssh-brute-force-target');

/** One storm as it went. */
export type Figures = {
  readonly seed: number;
  readonly runs: number;
  readonly contained: number;
  readonly calls: number;
  readonly throttled: number;
  readonly seconds: number;
  readonly bounds: ReturnType<typeof boundsOf>;
  /** Seconds after the storm began at which each severity's first and last change was made. */
  readonly changes: Readonly<Record<string, { readonly first: number; readonly last: number }>>;
};

const writes = /securityRules\/write$|RevokeSecurityGroupIngress$/;
const numberIn = (resource: string): number => Number(/(?:nsg-|sg-0{13})(\d{4})/i.exec(resource)?.[1] ?? Number.NaN);

type Change = { readonly severity: Severity; readonly second: number };

/** When the changes of each severity began and ended. */
function spans(changes: readonly Change[]): Figures['changes'] {
  const bySeverity = [...Map.groupBy(changes, ({ severity }) => severity)];
  return Object.fromEntries(
    bySeverity.map(([severity, made]) => {
      const seconds = made.map(({ second }) => second);
      return [severity, { first: Math.min(...seconds), last: Math.max(...seconds) }];
    }),
  );
}

/** Findings all at once, in the order that chance gives, until the last run has ended. */
export async function weathered(weather: Weather, count: number, seed: number): Promise<Figures> {
  const one = storm({ estate: northwind(), seed });
  const { sandbox } = one;
  weather.prepare(sandbox, count + 1);
  await one.arrive(weather.how, weather.told(count, 'Low')); // what is loaded lazily is loaded before
  await one.over();
  sandbox.recorder.clear();
  sandbox.quotas.set(publishedLimits);
  const began = sandbox.clock.milliseconds;
  const kinds = shuffled(count, chance(seed));
  const runs: string[] = [];
  for (const [at, severity] of kinds.entries())
    runs.push(...(await one.arrive(weather.how, weather.told(at, severity))));
  await one.over();
  const states = await Promise.all(runs.map((runId) => one.stateOf(runId)));
  const calls = sandbox.recorder.calls.filter(({ operation }) => operation !== 'sts:AssumeRole');
  const changes = calls.flatMap((call): readonly Change[] => {
    const severity = kinds[numberIn(call.resource)];
    if (severity === undefined || !writes.test(call.operation) || isThrottled(call)) return [];
    return [{ severity, second: (Date.parse(call.at) - began) / 1_000 }];
  });
  return {
    seed,
    runs: runs.length,
    contained: states.filter(({ result }) => result?.outcome === 'contained').length,
    calls: calls.length,
    throttled: calls.filter(isThrottled).length,
    seconds: (sandbox.clock.milliseconds - began) / 1_000,
    bounds: boundsOf(calls),
    changes: spans(changes),
  };
}

/** One line for people. */
export function inWords({ seed, runs, contained, calls, throttled, seconds, bounds, changes }: Figures): string {
  const share = ((100 * throttled) / calls).toFixed(1);
  const times = (bound: number) => `${(seconds / bound).toFixed(2)}x the ${bound.toFixed(0)} s`;
  const criticals = changes['Critical']?.last.toFixed(0) ?? '';
  return [
    `seed ${seed}: ${contained} of ${runs} contained, ${share} % of ${calls} calls throttled`,
    `${seconds.toFixed(0)} s, ${times(bounds.all)} that the calls cost (${bounds.by}), ${times(bounds.writes)} of the changes alone`,
    `the last Critical at ${criticals} s`,
  ].join('; ');
}
