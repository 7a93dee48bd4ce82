import * as z from 'zod';
import { own } from '../../model/json.ts';
import type { SecurityGroup } from '../../model/target.ts';
import type { Detail } from './cloudtrail-detail.ts';

type Opening = NonNullable<z.infer<typeof SecurityGroup>['openings']>[number];

const Port = z.int().min(-1).max(65_535).nullish();

/** One rule, as any of the calls or their answers write it; what is of another shape is no rule. */
const Written = z.object({ protocol: z.union([z.string(), z.number()]), from: Port, to: Port, blocks: z.unknown() });

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** EC2 writes lists as `{ items: [...] }`. */
const itemsOf = (value: unknown): readonly unknown[] => listOf(own(value, 'items'));

/** A block of more addresses than any one organisation has: half of all of them is as good as all. */
function isEverybody(cidr: string): boolean {
  const bits = Number(/\/(\d{1,3})$/.exec(cidr)?.[1] ?? Number.NaN);
  return bits < (cidr.includes(':') ? 16 : 8);
}

const Block = z.union([z.cidrv4(), z.cidrv6()]);
const protocols: Readonly<Record<string, Opening['protocol']>> = { tcp: 'tcp', '6': 'tcp', udp: 'udp', '17': 'udp' };
const webPorts = [80, 443];

/** What one rule lets everybody reach; nothing where it names few, the web's own ports, or a protocol without ports. */
export function openingsIn(rule: unknown): readonly Opening[] {
  const written = Written.safeParse(rule);
  if (!written.success) return [];
  const { from, to, blocks } = written.data;
  const all = ['-1', 'all'].includes(String(written.data.protocol));
  const protocol = all ? 'all' : protocols[String(written.data.protocol)];
  if (protocol === undefined) return [];
  const port = all ? 0 : (from ?? 0);
  const toPort = all ? 65_535 : (to ?? from ?? 65_535);
  if (port < 0 || toPort < port) return [];
  if (protocol === 'tcp' && port === toPort && webPorts.includes(port)) return [];
  return listOf(blocks)
    .map((block) => Block.safeParse(block).data)
    .filter((cidr) => cidr !== undefined && isEverybody(cidr))
    .map((cidr) => ({ protocol, port, toPort, cidr: cidr ?? '' }));
}

/** `ipPermissions` of a request, or the members beside it that say one rule in short. */
function requested(request: unknown): readonly unknown[] {
  const short = { ...Object(request), ipRanges: { items: [{ cidrIp: own(request, 'cidrIp') }] } };
  return [...itemsOf(own(request, 'ipPermissions')), short].map((rule) => ({
    protocol: own(rule, 'ipProtocol'),
    from: own(rule, 'fromPort'),
    to: own(rule, 'toPort'),
    blocks: [
      ...itemsOf(own(rule, 'ipRanges')).map((range) => own(range, 'cidrIp')),
      ...itemsOf(own(rule, 'ipv6Ranges')).map((range) => own(range, 'cidrIpv6')),
    ],
  }));
}

/** The rules that came out of it: EC2 says them in its answer, with every block in the one spelling that it keeps. */
const answered = (response: unknown): readonly unknown[] =>
  itemsOf(own(response, 'securityGroupRuleSet'))
    .filter((rule) => own(rule, 'isEgress') !== true)
    .map((rule) => ({
      protocol: own(rule, 'ipProtocol'),
      from: own(rule, 'fromPort'),
      to: own(rule, 'toPort'),
      blocks: [own(rule, 'cidrIpv4'), own(rule, 'cidrIpv6')].filter((block) => block !== undefined),
    }));

/** ModifySecurityGroupRules: it does not say whether a rule is one for inbound traffic. */
const modified = (request: unknown): readonly unknown[] =>
  listOf(own(own(request, 'ModifySecurityGroupRulesRequest'), 'SecurityGroupRule')).map((changed) => {
    const rule = own(changed, 'SecurityGroupRule');
    return {
      protocol: own(rule, 'IpProtocol'),
      from: own(rule, 'FromPort'),
      to: own(rule, 'ToPort'),
      blocks: [own(rule, 'CidrIpv4'), own(rule, 'CidrIpv6')].filter((block) => block !== undefined),
    };
  });

/**
 * The inbound ports that a call opened to everybody (docs.aws.amazon.com/AWSEC2, AuthorizeSecurityGroupIngress and
 * ModifySecurityGroupRules); undefined where it opened none.
 */
export function openingsOf(operation: string, detail: Detail): readonly Opening[] | undefined {
  const { requestParameters: request, responseElements: response } = detail;
  const rules = (): readonly unknown[] => {
    if (operation === 'ModifySecurityGroupRules') return modified(request);
    if (operation !== 'AuthorizeSecurityGroupIngress') return [];
    const answer = answered(response);
    return answer.length > 0 ? answer : requested(request);
  };
  const openings = rules().flatMap(openingsIn);
  return openings.length > 0 ? openings : undefined;
}
