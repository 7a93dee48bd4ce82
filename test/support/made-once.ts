import { dirname } from 'node:path';
import { inject } from 'vitest';
import type { Made } from './build-into.ts';

async function ask(path: string, params: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const url = new URL(path, inject('workshop'));
  for (const [name, value] of Object.entries(params).sort()) url.searchParams.set(name, value);
  const response = await fetch(url);
  const said = await response.text();
  if (!response.ok) throw new Error(said);
  return JSON.parse(said);
}

/** What `npm run build` makes of the shipped playbooks and the default settings. Nobody writes into its folder. */
export type Built = { readonly folder: string; readonly made: Made };

/** The build, made once for all files of the project; the first to ask waits for it. */
export async function builtOnce(): Promise<Built> {
  const made = (await ask('/build')) as Made; // build-into.ts wrote it
  return { folder: dirname(dirname(made.azure.main)), made };
}

/** The template of `packaged` for these parameters, made once for all files of the project. */
export const packagedOnce = (stage: string, params: Readonly<Record<string, string>> = {}): Promise<unknown> =>
  ask('/package', { ...params, stage });
