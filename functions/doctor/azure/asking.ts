import { azureFault } from '../../../shared/actions/azure/fault.ts';
import { CordonError, messageOf, ProviderError } from '../../../shared/model/error.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { own } from '../../../shared/model/json.ts';
import type { Lines } from '../examined.ts';

/** What a fault says, in one sentence. */
export const said = (thrown: unknown): string => {
  const fault = azureFault(thrown);
  return fault instanceof CordonError ? fault.message.replace(/^Azure: /, '') : messageOf(fault);
};
/** Whether a fault says that a right is missing. */
export const isDenied = (thrown: unknown): boolean => {
  const fault = azureFault(thrown);
  return fault instanceof ProviderError && fault.status === 403;
};

/** One look at some of what is deployed, and the rights that it takes. */
export type Look = {
  /** How a sentence about it begins: `The alarms`. */
  readonly what: string;
  readonly rights: readonly string[];
  readonly see: () => Promise<readonly Examined[]>;
};

/** Azure's own sentence, which names the right that is missing; a list's error holds it inside. */
const sentenceOf = (thrown: unknown): string =>
  String(own(own(own(thrown, 'details'), 'error'), 'message') ?? said(thrown));

/** What could not be seen is said, with the right that Azure's own sentence names; `grant` says who gives it. */
export async function seen({ what, rights, see }: Look, lines: Lines, grant: string): Promise<readonly Examined[]> {
  try {
    return await see();
  } catch (thrown) {
    if (!isDenied(thrown)) return [lines.warning(`${what} cannot be seen: ${said(thrown)}`, 'Ask again.')];
    const right = rights.find((one) => sentenceOf(thrown).includes(`'${one}'`)) ?? rights[0] ?? '';
    return [lines.warning(`${what} cannot be seen: ${right} is refused`, grant, right)];
  }
}
