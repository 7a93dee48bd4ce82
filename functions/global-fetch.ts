/** What stands in the bundles for undici, of which the Kubernetes client wants just this and never calls it. */
export const fetch = globalThis.fetch;
