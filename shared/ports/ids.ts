/** Randomness: a token that marks a write as ours, so that a lost answer is recognised. */
export type Ids = { token(): string };
