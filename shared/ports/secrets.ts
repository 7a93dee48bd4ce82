/** Secrets by reference: the settings name them, and only who sends with one reads it. */
export type Secrets = {
  /** `env:NAME`, `ssm:/path`, `secretsmanager:name`, `keyvault:vault/name`, as the host has them. Throws `CordonError` naming the reference, never what it stands for, where there is nothing under it. */
  read(reference: string): Promise<string>;
};
