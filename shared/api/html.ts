const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');

/** Markup that was written here; all else is text. */
export type Html = { readonly markup: string };
type Part = Html | string | number | readonly Html[];

const markupOf = (part: Part): string => {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
};

/** Markup out of a template: every value in it is escaped text, unless it is markup itself. Attributes stand in double quotes. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: texts.reduce((all, text, at) => all + markupOf(parts[at - 1] ?? '') + text),
});

/** Markup, or none. */
export const when = (shown: unknown, part: () => Html): Html => (shown ? part() : { markup: '' });
