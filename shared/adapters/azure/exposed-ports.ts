import type { RuleValue } from '../../actions/azure/security-rules.ts';

/** By which machines are administered, or data is reached that was never meant for the internet: SSH, RDP, WinRM, SMB, databases. */
const watched = [22, 3389, 5985, 5986, 445, 1433, 3306, 5432, 6379, 27_017];

type Named = readonly [name: string, rule: RuleValue];

const everybody = ['*', 'internet', 'any'];
/** A block so wide that most of the internet is in it; one that is narrower is somebody in particular. */
const widest = { four: 7, six: 15 };

function isInternet(source: string): boolean {
  const text = source.toLowerCase();
  if (everybody.includes(text)) return true;
  const [address = '', bits] = text.split('/');
  return bits !== undefined && Number(bits) <= (address.includes(':') ? widest.six : widest.four);
}

const hasPort = ({ ports }: RuleValue, port: number): boolean =>
  ports.some((range) => {
    const [from = '', to = from] = range.split('-');
    return range === '*' || (Number(from) <= port && port <= Number(to));
  });

const lets = (rule: RuleValue, port: number): boolean =>
  rule.access === 'Allow' &&
  ['*', 'tcp', 'udp'].includes(rule.protocol.toLowerCase()) &&
  rule.sources.some(isInternet) &&
  hasPort(rule, port);

/** Keeps the whole internet out; a rule for some of it, or for some destinations, does not. */
const keepsOut = (rule: RuleValue, port: number): boolean =>
  rule.access === 'Deny' &&
  ['*', 'tcp'].includes(rule.protocol.toLowerCase()) &&
  rule.sources.some((source) => everybody.includes(source.toLowerCase())) &&
  [rule.sourcePorts, rule.destinations].every((values) => values.includes('*')) &&
  hasPort(rule, port);

const rank = ({ priority }: RuleValue): number => (priority === 'top' ? 0 : priority);

/**
 * The watched ports that the inbound rules of a group open to the internet, through the rule of one name where one is
 * meant, else through any (learn.microsoft.com/azure/virtual-network/network-security-groups-overview): an Allow that no
 * Deny stands above.
 */
export function exposedPorts(rules: readonly Named[], only?: string): number[] {
  const inbound = rules
    .filter(([, { direction }]) => direction === 'Inbound')
    .toSorted(([, a], [, b]) => rank(a) - rank(b));
  const meant = (name: string): boolean => only === undefined || name.toLowerCase() === only.toLowerCase();
  return watched.filter((port) => {
    const shut = inbound.findIndex(([, rule]) => keepsOut(rule, port));
    const judged = shut < 0 ? inbound : inbound.slice(0, shut);
    return judged.some(([name, rule]) => meant(name) && lets(rule, port));
  });
}
