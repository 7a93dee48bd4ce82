import { messageOf } from '../../shared/model/error.ts';
import type { Data, Invoked } from './functions-host.ts';

/**
 * Stands in for the Functions worker in a process of its own: loads the app's entry, whose path is the argument, with
 * the real @azure/functions in it, and calls what it is sent.
 */
export type Asked = {
  readonly id: number;
  /** The time of the test, in milliseconds. */
  readonly now: number;
  readonly name: string;
  readonly trigger: Data;
  readonly inputs?: Readonly<Record<string, Data>>;
};
/** What came of it: messages by queue, what was returned or answered, or why it failed. */
export type Told = { readonly id: number } & (Answered | { readonly fault: string });
type Answered = Pick<Invoked, 'queues' | 'returned'> & {
  readonly http: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  } | null;
};

const answered = ({ queues, returned, http }: Invoked): Answered => ({
  queues,
  returned,
  http: http ? { ...http, headers: Object.fromEntries(http.headers) } : null,
});

if (import.meta.main) {
  const { moveTo } = await import('./own-time.ts');
  const { functionsHost } = await import('./functions-host.ts');
  const host = functionsHost();
  await import(process.argv[2] ?? '');
  const tell = (told: Told | { readonly functions: readonly string[] }) => process.send?.(told);
  process.on('message', ({ id, now, name, trigger, inputs }: Asked) => {
    moveTo(now);
    host.invoke(name, trigger, inputs).then(
      (came) => tell({ id, ...answered(came) }),
      (thrown: unknown) => tell({ id, fault: messageOf(thrown) }),
    );
  });
  tell({ functions: [...host.functions.keys()] });
}
