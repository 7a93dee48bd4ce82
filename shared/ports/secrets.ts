/** Secrets by reference: the settings name them, and only who sends with one reads it. */
export type Secrets = {
  /** `env:NAME`. Throws `CordonError` naming the reference, never what it stands for, where there is nothing under it. */
  read(reference: string): Promise<string>;
};
