import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { asJson, canonical } from '../model/json.ts';
import type { Signer } from '../ports/signer.ts';

/**
 * What a button or a link carries: which answer to which plan, and until when. It says what is answered and never who
 * answers: whoever brings it still has to prove who they are, and the approval itself is answered once.
 */
export const ApprovalClaim = z.strictObject({
  approval: z.string().min(1).max(200),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  verdict: z.enum(['approved', 'rejected']).optional(),
  /** Whom a page was made for: in the hands of anybody else its form counts for nothing. */
  person: z.string().min(1).max(512).optional(),
  /** ISO instant from which on it counts no more. */
  exp: z.iso.datetime(),
});
export type ApprovalClaim = z.infer<typeof ApprovalClaim>;

/** Read, or why not; a stranger learns no more than this. */
export type TokenRead = { readonly claim: ApprovalClaim } | { readonly refused: 'unreadable' | 'forged' | 'expired' };

/** Longer than any that was ever issued. */
const mostCharacters = 1_500;
const form = /^([A-Za-z0-9_-]+)~([A-Za-z0-9_.-]+)$/;

/** Nothing else that is signed with the same key begins like this. */
const signed = (payload: string): string => `cordon-approval-token/1\n${payload}`;

/** A token of at most 1,500 characters that need no escaping in an address. */
export async function issue(signer: Signer, claim: ApprovalClaim): Promise<string> {
  const payload = Buffer.from(canonical(asJson(ApprovalClaim.parse(claim)))).toString('base64url');
  const token = `${payload}~${await signer.sign(signed(payload))}`;
  if (token.length <= mostCharacters) return token;
  throw new CordonError({ code: 'token-too-long', message: 'the approval has too long an id for a token' });
}

/** The signature first, over the very characters; what is inside is looked at only when it is ours. */
export async function read(signer: Signer, token: string, now: string): Promise<TokenRead> {
  const [, payload, signature] = (token.length <= mostCharacters && form.exec(token)) || [];
  if (payload === undefined || signature === undefined) return { refused: 'unreadable' };
  if (!(await signer.verify(signed(payload), signature))) return { refused: 'forged' };
  const claim = ApprovalClaim.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return Date.parse(now) < Date.parse(claim.exp) ? { claim } : { refused: 'expired' };
}
