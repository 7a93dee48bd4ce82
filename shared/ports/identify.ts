/** Who sends a request, as the host's own means have proven it. */
export type Identity = { readonly id: string };

/**
 * Proves who sends a request; undefined when nobody can be told. `host` is what the host hands over beside the
 * request (the API Gateway context, for one); what a header says counts only where the host vouches for it.
 */
export type Identify = (request: Request, host: unknown) => Promise<Identity | undefined>;
