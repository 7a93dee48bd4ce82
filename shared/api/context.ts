import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import { parseEvent } from '../ingest/message.ts';
import { InvalidInput } from '../model/error.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Identify } from '../ports/identify.ts';
import type { Examiner } from '../ports/examiner.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Starter } from '../ports/starter.ts';
import type { RunDeps } from '../run/deps.ts';
import type { Caller } from '../guard/rights.ts';

/** What the API reaches the outside through. */
export type ApiDeps = RunDeps & {
  readonly playbooks: readonly Playbook[];
  readonly starter: Starter;
  readonly identify: Identify;
  /** The time that one request may take with the clouds. */
  readonly deadline: () => AbortSignal;
  /** The signing secrets of Slack, by their references; without it no button in Slack is believed. */
  readonly secrets?: Secrets;
  /** Tells whoever pressed a button in Slack what came of it; has less than the three seconds that Slack waits. */
  readonly reply?: (address: string, body: string) => Promise<void>;
  /** Examines the deployment; without it nothing is examined over HTTP. */
  readonly examiner?: Examiner;
  /** Hears of every fault that is ours or a cloud's, not the caller's. */
  readonly report: (fault: unknown) => void;
};

type Env = { Bindings: object; Variables: { caller: Caller } };
export type Api = Hono<Env>;
export type ApiContext = Context<Env>;

/** The body of a request as its schema has it. Throws `InvalidInput` naming the first member that does not fit. */
export async function bodyOf<S extends z.ZodType>(context: ApiContext, schema: S): Promise<z.output<S>> {
  const kind = context.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(kind))
    throw new InvalidInput({ code: 'not-json-content', message: 'the content type is not application/json' });
  const read = parseEvent(await context.req.text());
  if ('problem' in read) throw new InvalidInput({ code: 'bad-request', message: read.problem, remedy: read.remedy });
  const parsed = schema.safeParse(read.event);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw new InvalidInput({ code: 'bad-request', message: issue?.message ?? 'the body does not fit', place: { path } });
}

/** A playbook by its id. Throws `InvalidInput`. */
export function playbookOf({ playbooks }: Pick<ApiDeps, 'playbooks'>, id: string): Playbook {
  const playbook = playbooks.find((one) => one.id === id);
  if (playbook) return playbook;
  throw new InvalidInput({
    code: 'no-such-playbook',
    message: 'there is no playbook of that id',
    remedy: 'GET /playbooks lists them.',
  });
}
