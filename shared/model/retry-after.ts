type Header = (name: string) => string | null | undefined;

/** Never longer than an hour: what asks for more is asked again then. */
const mostSeconds = 3_600;

/** Milliseconds as Azure writes them beside, or instead of, the standard header. */
const inMilliseconds = ['retry-after-ms', 'x-ms-retry-after-ms'];

function fromHeader(value: string, date: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  // a date is measured by the other side's own clock, whatever ours says
  return (Date.parse(value) - Date.parse(date)) / 1_000;
}

/**
 * How long an answer asks to wait (RFC 9110, section 10.2.3: seconds or a date), in seconds; undefined where it does
 * not say, or says it in a way that cannot be read.
 */
export function retryAfterSeconds(header: Header): number | undefined {
  const milliseconds = inMilliseconds.map((name) => Number(header(name) ?? Number.NaN)).find((ms) => ms >= 0);
  const seconds =
    milliseconds === undefined
      ? fromHeader(header('retry-after')?.trim() ?? '', header('date') ?? '')
      : milliseconds / 1_000;
  return seconds >= 0 ? Math.min(seconds, mostSeconds) : undefined;
}
