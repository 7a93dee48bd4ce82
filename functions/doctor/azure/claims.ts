import * as z from 'zod';

/** What an access token says of its holder (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). */
const Claims = z.object({
  oid: z.string().optional(),
  tid: z.string().optional(),
  /** The application permissions of an application; a person's token has scopes instead. */
  roles: z.array(z.string()).optional(),
  scp: z.string().optional(),
});
export type Claims = z.infer<typeof Claims>;

/** Reads the claims of a token that was given to us, to tell people what it says. Nothing is decided by them. */
export function claimsOf(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return Claims.safeParse(claims).data;
  } catch {
    return undefined;
  }
}
