import { readFileSync } from 'node:fs';
import type { Bundle } from '../../functions/bundle.ts';

const root = new URL('../../', import.meta.url);

/** The code of ours in a bundle. */
const ownModules = ({ files }: Bundle): readonly string[] =>
  [...new Set(files.flatMap(({ modules }) => modules))].filter((path) => /^(shared|functions)\//.test(path));

const sourceOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
/** A file that opens a client of AWS calls with the function's own role; the others are handed sessions in member accounts. */
const opensClient = (source: string): boolean => /'@aws-sdk\/client-/.test(source) && /new \w+Client\(/.test(source);
/** The files that a file uses, types aside. */
const usedBy = (path: string): readonly string[] =>
  [...sourceOf(path).matchAll(/^import (?!type)[^;]*? from '(\.[^']+)'/gm)].map(([, from = '']) =>
    new URL(from, new URL(path, root)).href.slice(root.href.length),
  );

/**
 * The operations of AWS that the code in a bundle calls with the function's own role, by the names of the SDK: those in
 * files that open a client, and in the files that these use and may hand it to.
 */
export function callsIn(bundle: Bundle): ReadonlySet<string> {
  const opening = ownModules(bundle).filter((path) => opensClient(sourceOf(path)));
  const sources = [...new Set(opening.flatMap((path) => [path, ...usedBy(path)]))].map(sourceOf);
  const calls = sources.flatMap((source) => [
    ...source.matchAll(/new (\w+)Command\(/g),
    ...source.matchAll(/\bpaginate(\w+)\(/g),
  ]);
  return new Set(calls.map(([, name = '']) => name));
}

/** The variables of Cordon that the built code reads; those that its texts speak of stand in sentences. */
export function variablesNamedIn({ files }: Bundle): ReadonlySet<string> {
  const texts = files.map(({ path }) => readFileSync(path, 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/(?<=["'`.{,])CORDON_[A-Z_]+/g) ?? []));
}
