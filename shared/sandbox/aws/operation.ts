import type { Handler } from '@smithy/types';
import type { View } from '../rows.ts';
import type { World } from '../world.ts';

/** Who calls, as authentication found it. */
export type Caller = {
  readonly type: 'user' | 'role-session' | 'root' | 'anonymous';
  readonly arn: string;
  readonly account: string;
  /** `AIDA…` or `AROA…:session`. */
  readonly userId: string;
  readonly userName?: string;
  readonly roleName?: string;
  readonly accessKeyId: string;
  /** When a temporary credential was issued; ISO. */
  readonly issuedAt?: string;
  /** Further condition keys the session carries, as `identitystore:userId`. */
  readonly context: Readonly<Record<string, string>>;
};

/** What an operation works with. */
export type Call = {
  readonly world: World;
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly caller: Caller;
  /** Rows as this operation may see them: behind by the service's lag when it only reads. */
  readonly view: View;
  readonly requestId: string;
};

/** A further right that a request needs, on a resource of its own. */
export type Right = {
  readonly action: string;
  readonly on: string | readonly string[];
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
};

/** One operation of a service. Left out, `action` is the service's prefix and the operation's name, `on` is `*`. */
export type Operation<In = Record<string, unknown>, Out = Record<string, unknown>> = {
  /** IAM actions that the caller needs, where they are not called like the operation. */
  readonly action?: string | ((input: In, call: Call) => string | readonly string[]);
  /** The resources it touches. */
  readonly on?: (input: In, call: Call) => string | readonly string[];
  /** Condition keys that the request itself carries. */
  readonly context?: (input: In, call: Call) => Readonly<Record<string, string | readonly string[]>>;
  /** Rights needed beside `action`, each on its own resources: CreateTags on what a request makes, PassRole. */
  readonly also?: (input: In, call: Call) => readonly Right[];
  /** Throws what the service answers before it looks at permissions, as S3 does for a bucket that is elsewhere. */
  readonly reaches?: (input: In, call: Call) => void;
  /** Whether it changes nothing; by default told from the name. */
  readonly reads?: boolean;
  /** Allowed without any permission, as GetCallerIdentity. */
  readonly free?: boolean;
  /** Judged by a trust policy of its own, as AssumeRole. */
  readonly trusts?: boolean;
  does(input: In, call: Call): Out | Promise<Out>;
};

type Made<C> = C extends abstract new (...args: never[]) => infer I ? I : never;
type Typed<C> =
  Made<C> extends { resolveMiddleware(...args: never[]): Handler<infer In extends object, infer Out extends object> }
    ? Operation<In, Omit<Out, '$metadata'>>
    : never;
type NameOf<M> = { [K in keyof M]: K extends `${infer Name}Command` ? Name : never }[keyof M];

/** Operations of one service by name. */
export type Operations = { readonly [name: string]: Operation };

/** Operations typed by the commands of an SDK package: `operationsOf<typeof import('@aws-sdk/client-iam')>()({ … })`. */
export const operationsOf =
  <M>() =>
  <const N extends NameOf<M> & string>(
    operations: { readonly [K in N]: Typed<M[`${K}Command` & keyof M]> },
  ): Operations =>
    operations as unknown as Operations; // the wire layer decodes inputs to just these types

/** Lists in pages, as AWS does: at most `max` items from where `token` says. */
export function page<T>(
  items: readonly T[],
  token: string | undefined,
  max = 100,
): { readonly items: readonly T[]; readonly next?: string } {
  const from = token === undefined ? 0 : Number(token);
  const rest = items.slice(from, from + max);
  return from + max < items.length ? { items: rest, next: String(from + max) } : { items: rest };
}
