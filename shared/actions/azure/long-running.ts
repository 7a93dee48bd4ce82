import type { StepContext } from '../../action/action.ts';
import { messageOf, ProviderError } from '../../model/error.ts';

/** What Azure's clients give for work that goes on after its answer. */
export type Poller<T> = {
  readonly isDone: boolean;
  readonly result: T | undefined;
  readonly operationState: { readonly status: string } | undefined;
  submitted(): Promise<void>;
  poll(options: { abortSignal: AbortSignal }): Promise<unknown>;
};

const pauseSeconds = 2;

/**
 * Waits until a long-running operation has ended, on the run's own clock
 * (learn.microsoft.com/azure/azure-resource-manager/management/async-operations). One that ends badly may have changed
 * something: the fault says so.
 */
export async function completed<T>(poller: Poller<T>, { signal, wait }: StepContext): Promise<T | undefined> {
  await poller.submitted();
  while (!poller.isDone) {
    try {
      await poller.poll({ abortSignal: signal });
    } catch (thrown) {
      const ended = poller.operationState?.status ?? '';
      if (thrown instanceof Error && thrown.name === 'Error' && ['failed', 'canceled'].includes(ended))
        throw new ProviderError({
          code: `operation-${ended}`,
          message: `Azure: ${messageOf(thrown)}`,
          status: 200,
          retryable: true,
          indeterminate: true,
          cause: thrown,
        });
      throw thrown;
    }
    if (!poller.isDone) await wait(pauseSeconds);
  }
  return poller.result;
}

/** Providers whose writes go on after their answer, and what each calls its operations. */
const operations = {
  'Microsoft.Network': 'operations',
  'Microsoft.Compute': 'operations',
  'Microsoft.DBforPostgreSQL': 'azureAsyncOperation',
  'Microsoft.DBforMySQL': 'azureAsyncOperation',
} as const;

/** Grants for following the operations of a provider: their state, which ARM keeps apart from the resource. */
export const mayFollow = (namespace: keyof typeof operations) => ({
  allow: `${namespace}/locations/${operations[namespace]}/read`,
  on: '/subscriptions/{subscription}',
});

/** Options of a write that must not undo somebody else's: it is refused when the resource has moved on. */
export const ifUnchanged = (etag: string | undefined, abortSignal: AbortSignal) => ({
  abortSignal,
  requestOptions: { headers: etag === undefined ? {} : { 'If-Match': etag } },
});
