import { describe, expect, it } from 'vitest';
import {
  instances,
  type InterfaceRow,
  networkInterfaces,
  securityGroupRules,
} from '../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey, rulesOf } from '../../shared/sandbox/aws/ec2-rules.ts';
import { type Connection, flows, reach } from '../../shared/sandbox/aws/network.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { northwind } from '../support/company.ts';

const web = 'i-0aa11bb22cc33dd44';
const [checkout7, checkout8] = ['i-0bb22cc33dd44ee55', 'i-0cc33dd44ee55ff66'];
const [publicInterface, managementInterface] = ['eni-0aa11bb22cc33d001', 'eni-0aa11bb22cc33d002'];
const common = 'sg-0aa11bb22cc330012';
const stranger = '203.0.113.66';

function play() {
  const sandbox = createSandbox(northwind());
  const { rows } = sandbox;
  const change = (id: string, changed: Partial<InterfaceRow>) => {
    const row = rows.get(networkInterfaces, id);
    if (row) rows.put(networkInterfaces, id, { ...row, ...changed });
  };
  return { sandbox, rows, change, reached: (way: Connection) => reach(sandbox, way) };
}

describe('the simulated network', () => {
  it('lets in what a group of an interface lets in, by port, protocol and source', () => {
    const { reached } = play();
    expect(reached({ from: stranger, to: web, port: 443 })).toBe('connected');
    expect(reached({ from: stranger, to: web, port: 443, protocol: 'udp' })).toBe('timeout');
    expect(reached({ from: stranger, to: web, port: 80 })).toBe('timeout');
    expect(reached({ from: stranger, to: '198.51.100.44', port: 22 })).toBe('timeout');
    expect(reached({ from: stranger, to: '10.20.2.44', port: 22 })).toBe('connected');
    expect(reached({ from: '10.20.9.9', to: '10.20.1.44', port: 9100 })).toBe('connected');
    expect(reached({ from: '10.21.9.9', to: '10.20.1.44', port: 9100 })).toBe('timeout');
    expect(reached({ from: '2001:db8:bad::66', to: web, port: 8080 })).toBe('connected');
    expect(reached({ from: stranger, to: web, port: 8080 })).toBe('timeout');
  });

  it('knows groups as sources, and asks both ends', () => {
    const { reached, rows } = play();
    expect(reached({ from: checkout8, to: checkout7, port: 5432 })).toBe('connected');
    expect(reached({ from: stranger, to: checkout7, port: 5432 })).toBe('timeout');
    for (const rule of rulesOf(rows, 'sg-0bb22cc33dd440011').filter(({ egress }) => egress))
      rows.delete(securityGroupRules, ruleKey(rule));
    expect(reached({ from: checkout8, to: checkout7, port: 5432 })).toBe('timeout');
  });

  it('lets nothing out of a group without rules or an instance that is stopped', () => {
    const { reached, rows, change } = play();
    expect(reached({ from: web, to: stranger, port: 443 })).toBe('connected');
    change(publicInterface, { groups: [] });
    change(managementInterface, { groups: [] });
    expect(reached({ from: web, to: stranger, port: 443 })).toBe('timeout');
    const row = rows.get(instances, checkout7);
    if (row) rows.put(instances, checkout7, { ...row, state: 'stopped' });
    expect(reached({ from: checkout7, to: stranger, port: 443 })).toBe('timeout');
  });

  it('keeps a tracked flow over a change of groups, though no new one comes about', () => {
    const { sandbox, reached, change } = play();
    const outward = { from: '10.20.1.44', to: stranger, port: 443 };
    change(publicInterface, { groups: [common] });
    reached({ ...outward, keep: true });
    change(publicInterface, { groups: [] });
    expect(reached(outward)).toBe('timeout');
    expect(flows(sandbox, web)).toMatchObject([outward]);
  });

  it('ends a flow at once that is not tracked, because everybody may come in and anything may go out', () => {
    const { sandbox, reached, change } = play();
    reached({ from: stranger, to: '198.51.100.44', port: 443, keep: true });
    expect(flows(sandbox, web)[0]?.ends[0]?.tracked).toBe(false);
    change(publicInterface, { groups: [common] });
    expect(flows(sandbox, web)).toEqual([]);
  });

  it('stops tracking a flow whose interface is opened to all, and ends it when that is taken back', () => {
    const { sandbox, rows, reached, change } = play();
    const outward = { from: '10.20.1.44', to: stranger, port: 443 };
    change(publicInterface, { groups: [common] });
    reached({ ...outward, keep: true });
    expect(flows(sandbox, web)[0]?.ends[0]?.tracked).toBe(true);
    const all = { protocol: '-1', fromPort: -1, toPort: -1, source: { kind: 'ipv4', value: '0.0.0.0/0' } } as const;
    const rule = { ...all, account: '111122223333', region: 'eu-west-1', groupId: common, egress: false, revision: 1 };
    rows.put(securityGroupRules, ruleKey(rule), rule);
    expect(flows(sandbox, web)[0]?.ends[0]?.tracked).toBe(false);
    change(publicInterface, { groups: [] });
    expect(flows(sandbox, web)).toEqual([]);
  });

  it('ends every flow of an instance that stops', () => {
    const { sandbox, rows, reached } = play();
    reached({ from: checkout8, to: checkout7, port: 8080, keep: true });
    expect(flows(sandbox, checkout7)).toEqual(flows(sandbox, checkout8));
    const row = rows.get(instances, checkout8);
    if (row) rows.put(instances, checkout8, { ...row, state: 'stopped' });
    expect(flows(sandbox, checkout7)).toEqual([]);
  });
});
