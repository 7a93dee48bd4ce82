import type { Clock } from '../../shared/ports/clock.ts';
import { later } from '../../shared/model/duration.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Allowance } from './check-world.ts';
import { changesIn, wasMade, type World } from './world.ts';

/** Something that goes wrong beside the deaths. */
export type Fault = {
  readonly name: string;
  readonly allowance: Allowance;
  /** Makes it wait for the story. */
  plant(world: World): void;
  /** What sets a world apart that this fault still has to strike, from one without it. */
  mark(world: World): string;
  /** The clock of the nth process, the first one's being 0. */
  clock(world: World, nth: number): Clock;
};

/** Nothing but deaths. */
export const noFault: Fault = {
  name: 'no fault',
  allowance: {},
  plant: () => {},
  mark: () => '',
  clock: ({ sandbox }) => sandbox.clock,
};

/** The calls of a story that change something, each with how many of its operation were before it. */
function changesOf(fine: World): readonly (RecordedCall & { readonly before: number })[] {
  const counts = new Map<string, number>();
  return changesIn(fine).map((call) => {
    const before = counts.get(call.operation) ?? 0;
    counts.set(call.operation, before + 1);
    return { ...call, before };
  });
}

type Change = ReturnType<typeof changesOf>[number];

const made = (world: World, operation: string): number =>
  changesIn(world).filter((call) => call.operation === operation).length;

/** Where a blob cannot be undeleted it is copied back. */
const copiesBack = ({ operation }: Change): boolean => operation.endsWith('/blobs/write');

/** A change happens and its answer is lost. */
const losesAnswer = (name: string, changes: readonly Change[]): Fault => ({
  ...noFault,
  name,
  plant({ sandbox }) {
    for (const { operation, before } of changes)
      sandbox.faults.plant({ operation, fault: { kind: 'answer-lost' }, times: 1, after: before });
  },
  // what was struck looks as if the process had died there
  mark: (world) =>
    changes
      .flatMap(({ operation, before }) => (made(world, operation) > before ? [] : `${operation} ${before}`))
      .join(),
});

/** A change is answered and does not happen. */
const losesEffect = (name: string, changes: readonly Change[]): Fault => ({
  ...noFault,
  name,
  allowance: {
    ...{ oneMore: true, mayFail: true },
    ...(changes.some(copiesBack) && { otherEnd: 'a blob that is copied back has no index tags' }),
  },
  plant({ sandbox }) {
    for (const { operation, before } of changes)
      sandbox.faults.plant({ operation, fault: { kind: 'effect-lost' }, times: 1, after: before });
  },
  mark: () => name,
});

/** Seconds by which reads lag behind writes, as the providers' own documents and reports tell. */
const lags = { 'aws.iam': 12, 'aws.ec2': 4, 'aws.autoscaling': 4, 'azure.arm': 4, 'azure.entra': 4 };

const staleReads: Fault = {
  ...noFault,
  name: 'stale reads',
  mark: () => 'stale',
  plant({ sandbox }) {
    for (const [service, seconds] of Object.entries(lags)) sandbox.rows.setLag(service, seconds);
  },
};

const minutes = 60;

/** Entra dates the end of sign-ins by its own clock: to a process that is ahead of it, it does not show, and it is ended again. */
const datedElsewhere = 'graph:users/revokeSignInSessions';

/** The clocks of the processes differ from the world's by so many seconds; those after the second are like it. */
const skewed = (changes: readonly Change[], first: number, others: number): Fault => ({
  ...noFault,
  name: `clocks at ${first / minutes} and ${others / minutes} min`,
  allowance: changes.some(({ operation }) => operation === datedElsewhere)
    ? { oneMore: true, mayFail: true, otherEnd: 'the plan names the instant of another clock' }
    : {},
  mark: () => `skew ${others}`,
  clock({ sandbox }, nth) {
    const { clock } = sandbox;
    const seconds = nth === 0 ? first : others;
    return { now: () => later(clock.now(), seconds), sleep: clock.sleep };
  },
});

const quarter = 15 * minutes;

const skewsOf = (changes: readonly Change[]): readonly Fault[] => [
  skewed(changes, quarter, 0),
  skewed(changes, -quarter, 0),
  skewed(changes, 0, quarter),
  skewed(changes, 0, -quarter),
  skewed(changes, quarter, -quarter),
];

/** Those that one pass can show: every operation loses its first answer, or its first effect. */
export function someFaults(fine: World): readonly Fault[] {
  const changes = changesOf(fine).filter(wasMade);
  const firsts = changes.filter(({ before }) => before === 0);
  return [
    // more of them in one step than it is tried
    { ...losesAnswer('every operation loses an answer', firsts), allowance: { mayFail: true } },
    losesEffect('every operation loses an effect', firsts),
    staleReads,
    skewed(changes, quarter, -quarter),
    skewed(changes, -quarter, 0),
  ];
}

/** Everything that may go wrong, one by one. */
export function allFaults(fine: World): readonly Fault[] {
  const changes = changesOf(fine).filter(wasMade);
  const nameOf = (what: string, { operation, before }: Change) => `${operation} ${before + 1} loses its ${what}`;
  return [
    ...changes.map((call) => losesAnswer(nameOf('answer', call), [call])),
    ...changes.map((call) => losesEffect(nameOf('effect', call), [call])),
    staleReads,
    ...skewsOf(changes),
  ];
}
