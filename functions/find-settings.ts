import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { InvalidInput, messageOf } from '../shared/model/error.ts';

/** The one variable that names the settings file, for the command, the build and the scripts that deploy. */
export const settingsVariable = 'CORDON_CONFIG';

/** A settings file: its name, and its text where it is there. */
export type Found = { readonly file: string; readonly text: string | undefined };

/**
 * Finds the settings: the file that is named, by an option or by `CORDON_CONFIG`, which must be there; otherwise
 * `cordon.yaml`, which need not. Throws `InvalidInput`.
 */
export async function findSettings(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Found> {
  const given = named ?? (environment[settingsVariable] || undefined);
  const file = given ?? 'cordon.yaml';
  const refuse = (message: string) =>
    new InvalidInput({
      code: 'no-settings',
      message,
      place: { file },
      remedy: `Name another file with --config or ${settingsVariable}; without either it is cordon.yaml.`,
    });
  if (!existsSync(file)) {
    if (given === undefined) return { file, text: undefined };
    throw refuse('there is no such file');
  }
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (thrown) {
    const folder = thrown instanceof Error && 'code' in thrown && thrown.code === 'EISDIR';
    throw refuse(folder ? 'is a folder, not a file' : `cannot be read: ${messageOf(thrown)}`);
  }
}
