import type { Finding } from '../model/finding.ts';
import type { JsonObject } from '../model/json.ts';
import type { Target } from '../model/target.ts';

/** A reader never holds a right to change; the writer is made for one run's changes alone. */
export type Rights = 'reader' | 'writer';

export type Place = {
  readonly cloud: 'aws' | 'azure';
  readonly account: string;
  readonly region: string;
};

/** Allow statement of a session policy: exact actions on exact resources. */
export type Allowed = { readonly action: string; readonly resource: string };

export type SessionRequest = Place & {
  readonly rights: Rights;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Bounds the writer to what this run's plan needs. */
  readonly bound?: readonly Allowed[];
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

/** The way to both clouds: sessions, and what only an adapter can ask. */
export type Clouds = {
  session(request: SessionRequest): Promise<Session>;
  /** The target's own facts as read now (tags, trust, network role); undefined where it does not exist. */
  inspect(session: Session, target: Target): Promise<JsonObject | undefined>;
  /** Reads the finding again at its provider. */
  confirm(session: Session, finding: Finding): Promise<Confirmation>;
};
