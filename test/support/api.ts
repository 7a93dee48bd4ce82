import { examinerOf, type Patient } from '../../functions/doctor/doctor.ts';
import { secretsBy } from '../../shared/adapters/system/secrets.ts';
import { createApi } from '../../shared/api/api.ts';
import type { ApiDeps } from '../../shared/api/context.ts';
import { Person, type Settings } from '../../shared/config/settings.ts';
import { carryOn } from '../../shared/run/carry-on.ts';
import type { Standing } from '../../shared/run/turn.ts';
import { type Doors, doors } from './doors.ts';
import { own } from '../../shared/model/json.ts';

/** An answer, with its JSON read. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
};

type Sent = { readonly as?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** The API of the company: whoever a request says it is, it is. */
export type Asked = Doors & {
  ask(method: string, path: string, sent?: Sent): Promise<Answer>;
  /** Carries on every run that was started since the last time. */
  carry(): Promise<readonly Standing[]>;
  readonly faults: readonly unknown[];
  /** A request as it is, and its answer unread. */
  send(path: string, request: RequestInit): Promise<Response>;
  /** Method and path of every route that the API has. */
  readonly routes: readonly string[];
};

export const person = (id: string, roles: Person['roles'], rest: Partial<Person> = {}): Person =>
  Person.parse({ id, roles, ...rest });

export const staff: readonly Person[] = [
  person('vera', ['viewer']),
  person('olga', ['operator']),
  person('ron', ['responder']),
  person('rita', ['responder', 'approver'], { groups: ['on-call'] }),
  person('abe', ['approver'], { groups: ['on-call'] }),
  person('ada', ['approver']),
];

/** How the doctor meets the company; nobody, where there is no doctor. */
export type Examination = Partial<Pick<Patient, 'writers' | 'home'>> | 'nobody';

export function asked(
  changed: Partial<Settings> = {},
  replaced: Partial<ApiDeps> = {},
  examination: Examination = {},
): Asked {
  const company = doors({ people: [...staff], ...changed });
  const examiner = (more: Partial<Patient>) =>
    examinerOf(async () => ({
      ...company.deps,
      ...{ secrets: secretsBy({}, company.sandbox.clock), signingKeys: undefined },
      ...{ regions: ['eu-west-1'], writers: 'here', ...more },
    }));
  const faults: unknown[] = [];
  const api = createApi({
    ...company.deps,
    identify: async (request) => {
      const id = request.headers.get('x-caller');
      return id === null ? undefined : { id };
    },
    deadline: () => new AbortController().signal,
    report: (fault) => faults.push(fault),
    ...(examination !== 'nobody' && { examiner: examiner(examination) }),
    ...replaced,
  });
  return {
    ...company,
    faults,
    send: async (path, request) => api.request(path, request),
    routes: api.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    async ask(method, path, { as, body, headers = {} } = {}) {
      const all = { 'content-type': 'application/json', ...(as !== undefined && { 'x-caller': as }), ...headers };
      const sent = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await api.request(path, { method, headers: all, ...(body !== undefined && { body: sent }) });
      const read = await answer.text();
      const parsed: unknown = read === '' ? undefined : JSON.parse(read);
      return { status: answer.status, headers: answer.headers, body: parsed };
    },
    carry: async () => {
      const runIds = [...new Set(company.started.splice(0))];
      const patience = { signal: new AbortController().signal, until: '9999-12-31T00:00:00.000Z' };
      return Promise.all(runIds.map((runId) => carryOn(company.engine, runId, patience)));
    },
  };
}

/** The member at a dotted path of an answer's body, as text. */
export function at({ body }: Answer, path: string): string {
  const value = path.split('.').reduce<unknown>(own, body);
  return typeof value === 'string' ? value : String(JSON.stringify(value));
}
