import type { NormalizedSchema } from '@smithy/core/schema';

/** Where HTTP carries a member that has a name of its own there. */
export type NamedBinding = { readonly at: 'query' | 'header' | 'prefix'; readonly name: string };

/** Where HTTP carries a member: https://smithy.io/2.0/spec/http-bindings.html */
export type Binding = NamedBinding | { readonly at: 'label' | 'payload' | 'status' | 'body' };

/** Where HTTP carries a member of an input, an output or an error. */
export function bindingOf(member: NormalizedSchema): Binding {
  const traits = member.getMergedTraits();
  if (traits.httpLabel) return { at: 'label' };
  if (traits.httpPayload) return { at: 'payload' };
  if (traits.httpResponseCode) return { at: 'status' };
  if (traits.httpQuery !== undefined) return { at: 'query', name: traits.httpQuery };
  if (traits.httpHeader !== undefined) return { at: 'header', name: traits.httpHeader.toLowerCase() };
  if (traits.httpPrefixHeaders !== undefined) return { at: 'prefix', name: traits.httpPrefixHeaders.toLowerCase() };
  return { at: 'body' };
}
