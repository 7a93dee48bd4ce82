import * as z from 'zod';
import { CordonError, InvalidInput, messageOf } from '../../shared/model/error.ts';
import type { Environment } from '../environment.ts';
import { type Outgoing, type Proof, proofFor } from './proof.ts';

/** One route of the HTTP API, and what is sent there. */
export type Question = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
};

/** A deployment, reached by its HTTP API: the one door where it says who may do what. */
export type Deployment = {
  readonly url: string;
  /** Its answer, as the schema has it. Throws what it refuses, and what did not reach it. */
  ask<S extends z.ZodType>(schema: S, question: Question): Promise<z.output<S>>;
};

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** Reads the address of a deployment. Nothing that proves who somebody is goes over a line that others read. */
export function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.search === '' && url.hash === '' && url.username === '';
  if (plain && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname)))) return url;
  throw new InvalidInput({
    code: 'bad-deployment',
    message: `${JSON.stringify(text.slice(0, 200))} is no address of a deployment`,
    remedy: 'Give the https address of its HTTP API, as `npx serverless info` or deploy.sh prints it, or local.',
  });
}

const Problem = z.object({
  code: z.string(),
  detail: z.string(),
  remedy: z.string().exactOptional(),
});

/** What an answer says that is no success: Cordon's own words, or those of what stands before it. */
function refusal(url: URL, status: number, body: unknown): CordonError {
  const problem = Problem.safeParse(body);
  if (problem.success) {
    const { code, detail: message, remedy } = problem.data;
    const said = { code, message, ...(remedy !== undefined && { remedy }) };
    return status < 500 ? new InvalidInput(said) : new CordonError({ ...said, retryable: status === 503 });
  }
  const turnedAway = status === 401 || status === 403;
  return new CordonError({
    code: turnedAway ? 'turned-away' : 'strange-answer',
    message: `${url.host} answered ${status}, and it was not Cordon that answered: nothing was done`,
    remedy: turnedAway
      ? 'Whoever asks needs execute-api:Invoke on the API (AWS), or a token for its audience (Azure).'
      : 'Check the address, and that the deployment is there.',
  });
}

const unreachable = (url: URL, cause: unknown) =>
  new CordonError({
    code: 'deployment-unreachable',
    message: `${url.host} did not answer: ${messageOf(cause instanceof Error && cause.cause ? cause.cause : cause)}`,
    remedy: 'It is not known whether it has heard: ask again until it answers.',
    retryable: true,
    cause,
  });

async function answerTo(
  request: Outgoing,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: unknown }> {
  const { method, url, body } = request;
  try {
    const signal = AbortSignal.timeout(40_000); // API Gateway gives up after 30
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'error',
      signal,
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    const json = /^application\/(problem\+)?json\b/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, body: json ? JSON.parse(text) : undefined };
  } catch (thrown) {
    throw unreachable(url, thrown);
  }
}

/** A deployment at an address, asked as whoever is at this machine. Throws `InvalidInput` where it cannot be asked. */
export function deploymentAt(text: string, environment: Environment, proof?: Proof): Deployment {
  const base = addressOf(text);
  const prove = proof ?? proofFor(base, environment);
  return {
    url: base.href.replace(/\/$/, ''),
    async ask(schema, { method = 'GET', path, body }) {
      const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const request = { method, url, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const { status, body: said } = await answerTo(request, await prove(request));
      if (status >= 300 || said === undefined) throw refusal(url, status, said);
      const read = schema.safeParse(said);
      if (read.success) return read.data;
      const [issue] = read.error.issues;
      throw new CordonError({
        code: 'strange-answer',
        message: `${url.host} answered ${method} ${path} in a form that is not known here: ${issue?.path.map(String).join('.')} ${issue?.message}`,
        remedy: 'What was asked for was done. Use the command in the version that is deployed.',
      });
    },
  };
}
