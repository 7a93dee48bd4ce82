import type { PolicyDocument } from '../policy/document.ts';
import type { VirtualClock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Quotas } from './quotas.ts';
import type { Recorder } from './record.ts';
import type { Rows } from './rows.ts';

/** What both simulated clouds stand on. */
export type World = {
  readonly clock: VirtualClock;
  readonly rows: Rows;
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly recorder: Recorder;
  /** An IAM policy out of its text. Every call asks for the same few, so that each is read once. */
  policy(text: string): PolicyDocument;
  /** The next of a row of ids that is the same in every run of the same story. */
  next(kind: string): number;
};

/** A connection that got no answer, as the SDKs see it: a reset socket. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
  constructor() {
    super('socket hang up');
    this.name = 'ConnectionLost';
  }
}
