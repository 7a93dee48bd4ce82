/** How one thing stands: `missing` is what Cordon cannot work without, `warning` what somebody should know. */
export type Mark = 'ok' | 'warning' | 'missing';

/** One line of the doctor: what was looked at, how it stands, and what to do where it does not stand well. */
export type Examined = {
  /** What it belongs to: `settings`, `aws 111122223333`, `azure 0a1b…`. */
  readonly part: string;
  readonly mark: Mark;
  readonly what: string;
  readonly remedy?: string;
  /** The right that is missing, as a policy writes it. */
  readonly right?: string;
};

/** The lines of one part, made one by one. */
export const linesOf = (part: string) => ({
  ok: (what: string): Examined => ({ part, mark: 'ok', what }),
  warning: (what: string, remedy: string, right?: string): Examined => ({
    ...{ part, mark: 'warning', what, remedy },
    ...(right !== undefined && { right }),
  }),
  missing: (what: string, remedy: string, right?: string): Examined => ({
    ...{ part, mark: 'missing', what, remedy },
    ...(right !== undefined && { right }),
  }),
});

/** How the lines of one part are made. */
export type Lines = ReturnType<typeof linesOf>;
