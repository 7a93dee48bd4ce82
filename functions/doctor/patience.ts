/** A signal for one call, made when it is made. */
export type Patience = () => AbortSignal;

/** So long one call is waited for, and never longer than the whole examination may take. */
const callMilliseconds = 30_000;

/** Patience for calls, within the time that there is for all of them. */
export const patienceWithin =
  (whole?: AbortSignal): Patience =>
  () => {
    const own = AbortSignal.timeout(callMilliseconds);
    return whole ? AbortSignal.any([whole, own]) : own;
  };
