import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { bold, columns, cyan, dim, inert, yellow } from '../../../shared/cli/style.ts';
import { stageMode } from '../../../shared/config/settings.ts';
import { readSettingsFile, type Setting } from '../../settings-file.ts';
import { type ExitCode, exit, print } from '../output.ts';

export type ConfigOptions = { readonly json: boolean; readonly config?: string; readonly changed: boolean };

const row = ({ path, value, from }: Setting): string[] => {
  const said = from === 'default';
  const shown = inert(JSON.stringify(value));
  return [said ? dim(path) : path, said ? dim(shown) : cyan(shown), said ? dim(from) : from];
};

/** Every setting as it holds, and where it comes from: the file and line, the environment, or the default. */
export async function showConfig({ json, config = 'cordon.yaml', changed }: ConfigOptions): Promise<ExitCode> {
  const text = existsSync(config) ? await readFile(config, 'utf8') : '';
  const { settings, values } = readSettingsFile(text, config, process.env);
  const shown = changed ? values.filter(({ from }) => from !== 'default') : values;
  const mode = stageMode(settings);
  print(json, { file: config, mode, settings: shown }, () => [
    ...(text === '' ? [yellow(`There is no ${config}: these are the defaults.`), ''] : []),
    ...columns([[bold('setting'), bold('value'), bold('from')], ...shown.map(row)]),
    '',
    `Stage ${bold(settings.stage)}: ${mode === 'enforce' ? yellow('may change things') : 'plans only, changes nothing'}.`,
  ]);
  return exit.done;
}
