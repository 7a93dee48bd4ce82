import type { AwsClient } from '../../../shared/actions/aws/aws-action.ts';
import { own } from '../../../shared/model/json.ts';

/** This cloud's id for one of the estate. */
export type IdOf = (ours: string) => string;

/** What a probe asks with. */
export type Asking = { client<C>(Client: AwsClient<C>): C; readonly id: IdOf };

/** One request whose answer both clouds must spell alike. */
export type Probe = {
  readonly name: string;
  ask(aws: Asking): Promise<object>;
  /** Compares values, and not only the names of members. */
  readonly values?: true;
};

/** Makes the probes of one client; their names begin with that of the service. */
export const probesOf =
  <C>(service: string, Client: AwsClient<C>) =>
  (name: string, ask: (client: C, id: IdOf) => Promise<object>, values?: true): Probe => ({
    name: `${service} ${name}`,
    ask: ({ client, id }) => ask(client(Client), id),
    ...(values && { values }),
  });

/** How many items each page of a list has. */
export async function pageSizes<P extends object>(pages: AsyncIterable<P>, list: keyof P): Promise<object> {
  const sizes = await Array.fromAsync(pages, (page) => own(page, String(list)));
  return { sizes: sizes.map((items) => (Array.isArray(items) ? items.length : 0)) };
}
