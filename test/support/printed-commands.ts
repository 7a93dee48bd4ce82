import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A file of the project, by its path. */
export const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The commands that a page prints for a shell, each on one line, without what is said behind `#`. */
export const commandsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
      .filter((line) => line !== ''),
  );

/** A command line as a shell takes it apart; what stands in `<…>` is one word. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:"[^"]*"|'[^']*'|<[^>]*>|[^\s"'<>])+/g)].map(([word]) => word.replaceAll(/["']/g, ''));

/** What a page links to: a file, and a heading in it. */
export const linksOf = (page: string): readonly { readonly file: string; readonly heading: string }[] =>
  [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, file = '', heading = '']) => ({
    file: file === '' ? page : new URL(file, `file:///${page}`).pathname.slice(1),
    heading,
  }));

/** The headings of a page, as links name them. */
export const headingsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
