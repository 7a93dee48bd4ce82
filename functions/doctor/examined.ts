import type { Examined } from '../../shared/model/examined.ts';

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
