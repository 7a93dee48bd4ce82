import { awsFault } from '../../../shared/actions/aws/fault.ts';
import { CordonError, InvalidInput, messageOf, ProviderError } from '../../../shared/model/error.ts';

/** What a fault says, in one sentence. */
export const said = (thrown: unknown): string =>
  thrown instanceof CordonError ? thrown.message.replace(/^AWS: /, '') : messageOf(thrown);
/** Whether a fault says that a right is missing. */
export const isDenied = (thrown: unknown): boolean =>
  thrown instanceof ProviderError &&
  (thrown.status === 403 || /^(AccessDenied|UnauthorizedOperation|AuthorizationError)/.test(thrown.code));

/** What came of one call: `worked` also where AWS says that there is no such thing, which it does after looking at the right. */
export type Tried = 'worked' | 'denied' | { readonly problem: string; readonly remedy?: string };

/** Makes a harmless call, to see whether it may be made. */
export async function attempt(call: () => Promise<unknown>): Promise<Tried> {
  try {
    await call();
    return 'worked';
  } catch (thrown) {
    const fault = awsFault(thrown);
    if (isDenied(fault)) return 'denied';
    const answered = fault instanceof ProviderError && fault.status >= 400 && fault.status < 500 && !fault.retryable;
    if (answered) return 'worked';
    const remedy = fault instanceof InvalidInput ? fault.remedy : undefined; // something else is not there
    return { problem: said(fault), ...(remedy !== undefined && { remedy }) };
  }
}
