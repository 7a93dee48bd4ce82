/** Signs text with a key that never leaves it. */
export type Signer = {
  /** `<key id>.<base64url>`. */
  sign(text: string): Promise<string>;
  /** False for an unknown key, another text or anything malformed; constant time. */
  verify(text: string, signature: string): Promise<boolean>;
};
