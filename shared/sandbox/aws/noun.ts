import type * as z from 'zod';
import type { World } from '../world.ts';
import type { Operations } from './operation.ts';

/** Where a noun's rows are seeded. */
export type SeedPlace = {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly organization: string;
};

/** One kind of thing in the simulated AWS: how an estate file spells it, and the operations that touch it. */
export type AwsNoun<S extends z.ZodType = z.ZodType> = {
  /** Its key in the estate file, under the account or under a region. */
  readonly name: string;
  readonly scope: 'account' | 'region';
  readonly estate: S;
  seed(rows: World['rows'], value: z.output<S>, place: SeedPlace): void;
  /** By signing name of the service: `iam`, `ec2`. */
  readonly operations: Readonly<Record<string, Operations>>;
};

/** Keeps a noun's types together. */
export const awsNoun = <S extends z.ZodType>(noun: AwsNoun<S>): AwsNoun => noun as unknown as AwsNoun; // its schema parses what seed is given
