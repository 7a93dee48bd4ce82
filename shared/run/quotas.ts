import type { Change } from '../model/plan.ts';
import type { RunOrder } from '../model/run.ts';
import type { Quota, Toll } from '../records/pace.ts';

type Kind = 'reads' | 'writes' | 'deletes';
type Service = { readonly [K in Kind]: Quota } & {
  /** Each operation has a bucket of its own: making, changing and taking away do not use up the same one. */
  readonly apart?: true;
};

/** Where a provider publishes no figure: slow enough for what is known of it, to be raised by whoever measures more. */
const unpublished: Service = {
  reads: { burst: 100, perSecond: 20 },
  writes: { burst: 20, perSecond: 4 },
  deletes: { burst: 20, perSecond: 4 },
};

const services: { readonly [service: string]: Service } = {
  /** For each principal and subscription (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). */
  'azure.arm': {
    reads: { burst: 250, perSecond: 25 },
    writes: { burst: 200, perSecond: 10 },
    deletes: { burst: 200, perSecond: 10 },
  },
  /** For each operation, account and region (docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html). */
  'aws.ec2': {
    reads: { burst: 100, perSecond: 20 },
    writes: { burst: 50, perSecond: 5 },
    deletes: { burst: 50, perSecond: 5 },
    apart: true,
  },
  /** Twenty calls a second for all operations together (docs.aws.amazon.com/singlesignon/latest/userguide/limits.html). */
  'aws.sso': {
    reads: { burst: 10, perSecond: 10 },
    writes: { burst: 10, perSecond: 10 },
    deletes: { burst: 10, perSecond: 10 },
  },
};

/** All but the directory and the blobs goes through Azure Resource Manager. */
function serviceOf(action: string): string {
  const [cloud = '', noun = ''] = action.split('.');
  return cloud === 'azure' && noun !== 'entra' ? 'azure.arm' : `${cloud}.${noun}`;
}

type Place = { readonly account: string; readonly region: string };

function tollOf(service: string, kind: Kind, { account, region }: Place, calls: number): Toll {
  // Azure's subscriptions, and AWS's IAM, know no region
  const where = service.startsWith('azure.') || service === 'aws.iam' ? 'all' : region || 'all';
  const quota = (services[service] ?? unpublished)[kind];
  return { bucket: `${service}:${account.toLowerCase()}:${where}:${kind}`, quota, calls };
}

/** What the changes of a step cost: one call for each, as near as can be told before. */
export function tollOfChanges(action: string, place: Place, changes: readonly Change[]): Toll {
  const service = serviceOf(action);
  const made = changes.filter(({ from, to }) => from === null && to !== null).length;
  const gone = changes.filter(({ to }) => to === null).length;
  const kinds = [made, changes.length - made - gone, gone];
  const calls = services[service]?.apart ? Math.max(...kinds) : changes.length;
  return tollOf(service, gone === changes.length ? 'deletes' : 'writes', place, Math.max(1, calls));
}

/**
 * Reads of a run that contains one thing: the finding, and the target and its state at plan, at the change and after
 * it. Where operations are counted apart, those of the one that is asked most.
 */
const readsOfRun = { together: 6, apart: 5 };

/** What a run is going to read, where its target lives. */
export function tollOfReads({ target }: Pick<RunOrder, 'target'>): Toll {
  const service = serviceOf(target.type);
  return tollOf(service, 'reads', target, services[service]?.apart ? readsOfRun.apart : readsOfRun.together);
}
