import type { Command } from '../model/command.ts';
import type { Finding } from '../model/finding.ts';
import type { FindingProgress } from '../model/finding-progress.ts';
import type { JsonObject } from '../model/json.ts';
import type { Target } from '../model/target.ts';

/** A reader never holds a right to change; the writer is made for one run's changes alone. */
export type Rights = 'reader' | 'writer';

export type Place = {
  readonly cloud: 'aws' | 'azure';
  readonly account: string;
  readonly region: string;
};

/** Allow statement of a session policy: exact actions on exact resources, under conditions where the action has some. */
export type Allowed = {
  readonly action: string;
  readonly resource: string;
  readonly when?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};

export type SessionRequest = Place & {
  readonly rights: Rights;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Bounds the writer to what this run's plan needs. */
  readonly bound?: readonly Allowed[];
  /** Asked right before every call; where it throws, the call is not made. */
  readonly mayCall?: () => Promise<void>;
};

/** A provider's answer to one call, for the record. */
export type Call = {
  readonly operation: string;
  readonly requestId: string;
  readonly status: number;
  readonly error?: string;
};

/** An opaque session of one cloud; actions of that cloud know what it is. `calls` are those made through it so far. */
export type Session = { readonly cloud: 'aws' | 'azure'; readonly calls: readonly Call[] };

/** What the provider says when the finding is read again. */
export type Confirmation = 'same' | 'different' | 'unknown';

/**
 * What became of telling the finding's own system: `left` keeps what stands there, because a person set it, because it
 * is further on, or because that system has no word for what is to be said; `gone` is a finding it does not have.
 */
export type Reported = 'told' | 'left' | 'gone';

/** Where nothing may be changed, and what would be changed is told instead. */
export type Rehearsing = Omit<SessionRequest, 'rights' | 'bound' | 'mayCall'>;

/** The way to both clouds: sessions, and what only an adapter can ask. */
export type Clouds = {
  session(request: SessionRequest): Promise<Session>;
  /**
   * A session that only reads. What would change something is noted as a command and answered as if it had been done,
   * and what is read afterwards shows it: so an action's own `apply` tells which calls it would make.
   */
  rehearse(request: Rehearsing, note: (command: Command) => void): Promise<Session>;
  /** The target's own facts as read now (tags, trust, network role); undefined where it does not exist. */
  inspect(session: Session, target: Target): Promise<JsonObject | undefined>;
  /** Reads again what the finding says of this target, in the way its provider's rule asks for (`confirmRules`). */
  confirm(session: Session, finding: Finding, target: Target): Promise<Confirmation>;
  /** Tells the finding's own system how far its run has come: forward only, never over a person's state. */
  report(session: Session, finding: Finding, progress: FindingProgress): Promise<Reported>;
};
