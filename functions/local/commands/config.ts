import { bold, columns, cyan, dim, fitted, inert, yellow } from '../../../shared/cli/style.ts';
import { stageMode } from '../../../shared/config/settings.ts';
import { findSettings } from '../../find-settings.ts';
import { readSettingsFile, type Setting } from '../../settings-file.ts';
import { type ExitCode, exit, print } from '../output.ts';

export type ConfigOptions = {
  readonly json: boolean;
  readonly config?: string;
  readonly stage?: string;
  readonly changed: boolean;
};

/** The value comes last, because it may be long. */
const row = ({ path, value, from }: Setting): string[] => {
  const said = from === 'default';
  const shown = inert(JSON.stringify(value));
  return [said ? dim(path) : path, said ? dim(from) : from, said ? dim(shown) : cyan(shown)];
};

/** Every setting as it holds, and where it comes from: the file and line, the command, the environment, or the default. */
export async function showConfig({ json, config, stage, changed }: ConfigOptions): Promise<ExitCode> {
  const { file, text } = await findSettings(config, process.env);
  const { settings, values } = readSettingsFile(text ?? '', file, process.env, stage);
  const shown = changed ? values.filter(({ from }) => from !== 'default') : values;
  const mode = stageMode(settings);
  const rows = columns([[bold('setting'), bold('from'), bold('value')], ...shown.map(row)]);
  print(json, { file, mode, settings: shown }, () => [
    ...(text === undefined ? [yellow(`There is no ${file}: these are the defaults.`), ''] : []),
    ...rows.map((line) => fitted(line)),
    '',
    `Stage ${bold(settings.stage)}: ${mode === 'enforce' ? yellow('may change things') : 'plans only, changes nothing'}.`,
  ]);
  return exit.done;
}
