import { join } from 'node:path';
import { moveTo } from './own-time.ts';

/**
 * What Lambda's own runtime does in the process of a function (docs.aws.amazon.com/lambda, "Using the Lambda runtime
 * API"): loads `_HANDLER` from the task root, then takes one invocation after another and posts what came of it.
 */
const { AWS_LAMBDA_RUNTIME_API = '', LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;
const api = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
/** What an invocation has, in milliseconds, as the other side gives it. */
const lifetime = 300_000;
type Handler = (event: unknown, context: object) => Promise<unknown>;

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });

const faultOf = (thrown: unknown): object => {
  const fault = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { errorType: fault.name, errorMessage: fault.message, stackTrace: (fault.stack ?? '').split('\n') };
};

async function load(): Promise<Handler> {
  const [file = '', name = ''] = _HANDLER.split(/\.(?=[^.]+$)/);
  const module: Record<string, unknown> = await import(join(LAMBDA_TASK_ROOT, `${file}.js`));
  const handler = module[name];
  if (typeof handler === 'function') return handler as Handler; // Lambda believes it as well
  throw new TypeError(`${_HANDLER} is not exported`);
}

async function serve(handler: Handler): Promise<never> {
  for (;;) {
    const next = await fetch(`${api}/invocation/next`);
    const id = next.headers.get('lambda-runtime-aws-request-id') ?? '';
    const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
    moveTo(deadline - lifetime);
    const context = {
      awsRequestId: id,
      invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
      getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    const event: unknown = await next.json();
    const [end, body] = await handler(event, context).then(
      (answer) => ['response', answer] as const,
      (thrown: unknown) => ['error', faultOf(thrown)] as const,
    );
    await post(`invocation/${id}/${end}`, body);
  }
}

try {
  await serve(await load());
} catch (thrown) {
  await post('init/error', faultOf(thrown));
  process.exitCode = 1;
}
