/** The units that both clouds know. */
export type Unit = 'Count' | 'Milliseconds' | 'Seconds';

/** One measurement under its name; `dimensions` are few words of Cordon's own, never what identifies a resource. */
export type Measured = {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
};

/** What a measurement is about, for whoever looks it up: ids by their name. Nothing is counted by them. */
export type About = Readonly<Record<string, string>>;

/**
 * Where measurements go. Putting them never rejects and waits for nothing far away: what came of it is safe in this
 * process when it is over, or told in the log.
 */
export type Metrics = { put(measured: readonly Measured[], about?: About): Promise<void> };
