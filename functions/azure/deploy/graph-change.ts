/** Calls Microsoft Graph, or Azure Resource Manager; the answer as it was, `undefined` where it had no body. */
export type CallGraph = (method: 'get' | 'post' | 'patch' | 'delete', url: string, body?: object) => Promise<unknown>;

/** What is to be done, as lines that say it, and what does it. */
export type GraphChange = { readonly line: string; readonly apply: () => Promise<unknown> };
