import { CordonError } from '../../model/error.ts';
import type { Secrets } from '../../ports/secrets.ts';

/** Secrets in the environment of the process, as `env:NAME`; blanks around them are no part of them. */
export const environmentSecrets = (environment: Readonly<Record<string, string | undefined>>): Secrets => ({
  async read(reference) {
    const [, name] = /^env:(.+)$/.exec(reference) ?? [];
    const secret = name === undefined ? undefined : environment[name]?.trim();
    if (secret) return secret;
    throw new CordonError({
      code: 'no-secret',
      message: `there is no secret under ${reference}`,
      remedy: 'Set the variable where Cordon runs.',
      retryable: true, // somebody may set it yet
    });
  },
});
