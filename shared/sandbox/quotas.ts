import type { VirtualClock } from './clock.ts';

/** A token bucket: so many calls at once, and so many more each second. */
export type Bucket = { readonly burst: number; readonly perSecond: number };

type Kinds = { readonly reads: Bucket; readonly writes: Bucket; readonly deletes: Bucket };

/** What a provider lets through: ARM for each principal and subscription, EC2 for each operation, account and region. */
export type Limits = { readonly arm: Kinds; readonly ec2: Kinds };

/**
 * The figures that the providers publish
 * (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
 * docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
 */
export const publishedLimits: Limits = {
  arm: {
    reads: { burst: 250, perSecond: 25 },
    writes: { burst: 200, perSecond: 10 },
    deletes: { burst: 200, perSecond: 10 },
  },
  ec2: {
    reads: { burst: 100, perSecond: 20 },
    writes: { burst: 50, perSecond: 5 },
    deletes: { burst: 50, perSecond: 5 },
  },
};

/** Limits of the simulated clouds; there are none until some are set. */
export type Quotas = {
  set(limits: Limits | undefined): void;
  /** Takes a token; the seconds until there is one where there is none. */
  refuse(service: keyof Limits, kind: keyof Kinds, whose: string): number | undefined;
  /** The same limits, used up as far, to go on apart. */
  fork(clock: Pick<VirtualClock, 'milliseconds'>): Quotas;
};

type Buckets = ReadonlyMap<string, { readonly tokens: number; readonly at: number }>;

export function createQuotas(
  clock: Pick<VirtualClock, 'milliseconds'>,
  from: { readonly set?: Limits; readonly buckets?: Buckets } = {},
): Quotas {
  let { set } = from;
  const buckets = new Map(from.buckets);
  return {
    set(limits) {
      set = limits;
      buckets.clear();
    },
    refuse(service, kind, whose) {
      if (!set) return undefined;
      const { burst, perSecond } = set[service][kind];
      const key = `${service}:${kind}:${whose}`;
      const now = clock.milliseconds;
      const before = buckets.get(key) ?? { tokens: burst, at: now };
      const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1_000) * perSecond);
      const short = tokens < 1;
      buckets.set(key, { tokens: short ? tokens : tokens - 1, at: now });
      return short ? (1 - tokens) / perSecond : undefined;
    },
    fork: (other) => createQuotas(other, { ...(set && { set }), buckets }),
  };
}
