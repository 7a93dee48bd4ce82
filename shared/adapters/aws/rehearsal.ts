import type { AwsClient, AwsSession } from '../../actions/aws/aws-action.ts';
import { type Command, isMarked, markFor } from '../../model/command.ts';
import { CordonError } from '../../model/error.ts';
import { isObject, Json, type JsonObject, own } from '../../model/json.ts';
import { clusterRehearsal } from '../kubernetes/rehearsal.ts';
import { type AwsCommand, markedReads, rehearsedChanges, rehearsedReads, waits } from './rehearsed-reads.ts';

type Result = { readonly output: object; readonly response: object };
type Args = { readonly input: unknown };
type Middleware = (next: (args: Args) => Promise<Result>, context: object) => (args: Args) => Promise<Result>;
type Stack = { add(middleware: Middleware, options: { step: 'initialize'; name: string; priority: 'high' }): void };

const reading = /^(Get|List|Describe|Simulate|Lookup|Search|Head|BatchGet)/;

/** The input as JSON the way the AWS CLI reads it: bytes in base64, instants as text. */
function jsonOf(input: unknown): JsonObject {
  const text = JSON.stringify(input, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  const json = Json.parse(JSON.parse(text ?? '{}'));
  return isObject(json) ? (json as JsonObject) : {}; // an object that Json.parse has read
}

const answered = (output: object): Result => ({
  output: { ...output, $metadata: { httpStatusCode: 200, requestId: 'not-sent', attempts: 0, totalRetryDelay: 0 } },
  response: {},
});

const unanswerable = (call: string): CordonError =>
  new CordonError({
    code: 'not-rehearsed',
    message: `what ${call} would answer after the commands before it cannot be told`,
    remedy: 'Print the plan without --as-commands and take the step by hand.',
  });

type Stage = Pick<AwsSession, 'account' | 'region'> & {
  readonly noted: AwsCommand[];
  note(command: Command): void;
};
type Call = { readonly service: string; readonly operation: string; readonly input: JsonObject };

const nameIn = (context: object, key: string, ending: RegExp): string =>
  String(own(context, key) ?? '').replace(ending, '');

/** Notes a change and answers it; what it gives gets a name by which later commands ask for it. */
function pretend({ account, region, noted, note }: Stage, { service, operation, input }: Call): Result {
  const change = rehearsedChanges[`${service}:${operation}`];
  const command: AwsCommand = { kind: 'aws', account, region, service, operation, input };
  const count = noted.filter((one) => one.service === service && one.operation === operation).length;
  const variable = count === 0 ? (change?.variable ?? '') : `${change?.variable}_${count + 1}`;
  const gives = change && { variable, mark: markFor(variable, change.first), query: change.query };
  const until = waits[`${service}:${operation}`]?.(input, gives?.mark ?? '');
  const whole = { ...command, ...(gives && { gives }), ...(until && { until }) };
  noted.push(whole);
  note(whole);
  return answered(change && gives ? change.answer(gives.mark) : {});
}

/** Notes what would change something instead of sending it. An operation that is not known to read is never sent. */
const rehearsing =
  (stage: Stage): Middleware =>
  (next, context) =>
  async (args) => {
    const service = nameIn(context, 'clientName', /Client$/);
    const operation = nameIn(context, 'commandName', /Command$/);
    const input = jsonOf(args.input);
    const call = `${service}:${operation}`;
    if (!reading.test(operation)) return pretend(stage, { service, operation, input });
    if (isMarked(JSON.stringify(input))) {
      const told = markedReads[call];
      if (told) return answered(told);
      throw unanswerable(call);
    }
    const { output, response } = await next(args);
    return { output: rehearsedReads[call]?.({ ...output }, input, stage.noted) ?? output, response };
  };

/** A session of a reader in which nothing can be changed: see `Clouds.rehearse`. */
export function rehearseAws(
  reader: AwsSession,
  note: (command: Command) => void,
  noted: AwsCommand[] = [],
): AwsSession {
  const known = new Set<unknown>();
  const rehearse = clusterRehearsal(note);
  return {
    ...reader,
    client<C>(Client: AwsClient<C>): C {
      const client = reader.client(Client);
      if (known.has(client)) return client;
      known.add(client);
      const stack = own(client, 'middlewareStack') as Stack; // every SDK v3 client has one
      const { account, region } = reader;
      stack.add(rehearsing({ account, region, noted, note }), {
        step: 'initialize',
        name: 'cordonRehearsal',
        priority: 'high',
      });
      return client;
    },
    kubernetes: (name, address) => rehearse(reader.kubernetes(name, address), { region: reader.region }),
    elsewhere: async (place) => rehearseAws(await reader.elsewhere(place), note, noted),
  };
}
