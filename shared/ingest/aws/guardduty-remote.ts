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

function peersOf(detail: Detail): readonly Peer[] {
  const { action, detection } = detail.service;
  const callers = [
    action?.awsApiCallAction?.remoteIpDetails,
    action?.kubernetesApiCallAction?.remoteIpDetails,
    action?.rdsLoginAttemptAction?.remoteIpDetails,
    ...(action?.portProbeAction?.portProbeDetails ?? []).map(({ remoteIpDetails }) => remoteIpDetails),
    ...(detection?.sequence?.endpoints ?? []).map(({ ip }) =>
      ip?.includes(':') ? { ipAddressV6: ip } : { ipAddressV4: ip },
    ),
  ];
  return [connectionPeer(detail), ...callers.map((remote): Peer => ({ direction: 'inbound', remote }))];
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
