import { CordonError } from '../../model/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { systemClock } from './clock.ts';

/** Reads one secret by the rest of its reference, behind the word; undefined or empty where there is none. */
export type ReadSecret = (name: string) => Promise<string | undefined>;

/** Secrets in the environment of the process; blanks around them are no part of them. */
export const fromEnvironment =
  (environment: Readonly<Record<string, string | undefined>>): ReadSecret =>
  async (name) =>
    environment[name]?.trim();

/** For so long a secret that was read is believed: one that was replaced is taken up without a deployment. */
const keptSeconds = 300;

type Kept = { readonly until: number; readonly secret: Promise<string> };

/** Secrets by the word in front of their reference, as `ssm` in `ssm:/cordon/slack-token`; each is read again after five minutes. */
export function secretsBy(readers: Readonly<Record<string, ReadSecret>>, clock: Clock): Secrets {
  const table = new Map(Object.entries(readers));
  const kept = new Map<string, Kept>();
  const read = async (reference: string): Promise<string> => {
    const [, word = '', name = ''] = /^([a-z]+):(.+)$/.exec(reference) ?? [];
    const reader = table.get(word);
    const secret = await reader?.(name);
    if (secret) return secret;
    const message = `there is no secret under ${reference}`;
    const remedy = reader
      ? 'Set it where Cordon runs, or correct the reference.'
      : `References begin with ${[...table.keys()].map((one) => `${one}:`).join(', ')} here.`;
    throw new CordonError({ code: 'no-secret', message, remedy, retryable: true }); // somebody may set it yet
  };
  return {
    read(reference) {
      const now = Date.parse(clock.now());
      const known = kept.get(reference);
      if (known && known.until > now) return known.secret;
      const secret = read(reference);
      kept.set(reference, { until: now + keptSeconds * 1_000, secret });
      secret.catch(() => kept.delete(reference)); // told to whoever asked; the next one asks anew
      return secret;
    },
  };
}

/** Secrets in the environment alone, as `env:NAME`. */
export const environmentSecrets = (environment: Readonly<Record<string, string | undefined>>): Secrets =>
  secretsBy({ env: fromEnvironment(environment) }, systemClock);
