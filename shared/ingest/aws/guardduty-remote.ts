import type { Target } from '../../model/target.ts';
import type { Detail } from './guardduty-detail.ts';
import { isAddress } from '../shape.ts';

type Address = Extract<Target, { type: 'network.address' }>;
type Remote = { readonly ipAddressV4?: string | undefined; readonly ipAddressV6?: string | undefined };
type Peer = { readonly direction: Address['direction']; readonly remote: Remote | null | undefined };

/** A connection of unknown direction goes out where our resource acts, and comes in where it is acted on. */
function connectionPeer({ service }: Detail): Peer {
  const { connectionDirection, remoteIpDetails: remote } = service.action?.networkConnectionAction ?? {};
  const outwards =
    connectionDirection === 'OUTBOUND' || (connectionDirection !== 'INBOUND' && service.resourceRole === 'ACTOR');
  return { direction: outwards ? 'outbound' : 'inbound', remote };
}

const remoteAt = (ip: string | undefined): Remote => (ip?.includes(':') ? { ipAddressV6: ip } : { ipAddressV4: ip });

/**
 * The caller of a cluster. Of the addresses in its audit log only the last is that of the connection: those before it
 * come out of headers that a caller may write (kubernetes.io/docs/reference/config-api/apiserver-audit.v1).
 */
function clusterCaller({ service }: Detail): Remote | null | undefined {
  const { remoteIpDetails, sourceIPs } = service.action?.kubernetesApiCallAction ?? {};
  return remoteIpDetails ?? remoteAt(sourceIPs?.at(-1));
}

/** An attack sequence says of each end which way the connection went; without that it came in. */
const endpointsOf = ({ service }: Detail): readonly Peer[] =>
  (service.detection?.sequence?.endpoints ?? []).map(({ ip, connection }) => ({
    direction: connection?.direction === 'OUTBOUND' ? 'outbound' : 'inbound',
    remote: remoteAt(ip),
  }));

function peersOf(detail: Detail): readonly Peer[] {
  const { action } = detail.service;
  const callers = [
    action?.awsApiCallAction?.remoteIpDetails,
    clusterCaller(detail),
    action?.rdsLoginAttemptAction?.remoteIpDetails,
    ...(action?.portProbeAction?.portProbeDetails ?? []).map(({ remoteIpDetails }) => remoteIpDetails),
  ];
  const inwards = callers.map((remote): Peer => ({ direction: 'inbound', remote }));
  return [connectionPeer(detail), ...inwards, ...endpointsOf(detail)];
}

/** The addresses at the other end (docs.aws.amazon.com/guardduty, "Finding details", action), each once. */
export function remoteAddresses(detail: Detail): readonly Address[] {
  const found = peersOf(detail).flatMap(({ direction, remote }) =>
    [remote?.ipAddressV4, remote?.ipAddressV6].filter(isAddress).map(
      (address): Address => ({
        type: 'network.address',
        id: address,
        name: address,
        account: detail.accountId,
        region: detail.region,
        role: 'related',
        address,
        direction,
      }),
    ),
  );
  return [...new Map(found.map((one) => [one.address, one])).values()];
}
