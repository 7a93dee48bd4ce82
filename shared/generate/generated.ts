/** One generated file: where it goes, from the top of the project, and what it says. */
export type Generated = { readonly path: string; readonly text: string };
