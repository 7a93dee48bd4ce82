import { masked } from './masked.ts';

/** Where a fault was found: a file with line and column, or a path inside a value. */
export type Place = {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
};

type Details = {
  /** Stable, kebab-case; documented. */
  readonly code: string;
  readonly message: string;
  /** What the reader can do about it. */
  readonly remedy?: string;
  readonly place?: Place;
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** How long the other side asks to wait (`Retry-After`). */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

const where = ({ file, line, column, path }: Place): string =>
  [file, line === undefined ? '' : `:${line}:${column ?? 1}`, path === undefined ? '' : `${file ? ' ' : ''}at ${path}`]
    .filter(Boolean)
    .join('');

/** Every fault that Cordon throws: the thing, the place and the way out. Never holds a secret. */
export class CordonError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  readonly place: Place | undefined;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor({ code, message, remedy, place, retryable = false, retryAfterSeconds, cause }: Details) {
    super(masked(message), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = remedy;
    this.place = place;
    this.retryable = retryable;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** `file:line:column: message. remedy` as one line for people. */
  describe(): string {
    const head = this.place ? `${where(this.place)}: ${this.message}` : this.message;
    return this.remedy ? `${head.replace(/\.$/, '')}. ${this.remedy}` : head;
  }
}

/** What came from outside cannot be used: not JSON, a wrong shape, an unknown word. */
export class InvalidInput extends CordonError {}

/** Nothing is wrong, it is only not time yet: the run comes back at the instant, and that counts as no failed try. */
export class NotYet extends CordonError {
  readonly until: string;

  constructor(code: string, message: string, until: string) {
    super({ code, message, retryable: true });
    this.until = until;
  }
}

/** A provider refused a call or did not answer it; `status` is the HTTP status, 0 without an answer. */
export class ProviderError extends CordonError {
  readonly status: number;
  /** False when the call certainly had no effect; true when nobody can tell. */
  readonly indeterminate: boolean;

  constructor(details: Details & { readonly status: number; readonly indeterminate: boolean }) {
    super(details);
    this.status = details.status;
    this.indeterminate = details.indeterminate;
  }
}

/** An unknown thrown value as a message, without a stack and without a secret. */
export const messageOf = (thrown: unknown): string => masked(thrown instanceof Error ? thrown.message : String(thrown));
