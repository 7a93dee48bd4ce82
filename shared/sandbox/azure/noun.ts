import type * as z from 'zod';
import type { World } from '../world.ts';
import type { AzureOperation } from './operation.ts';

export type AzureSeedPlace = { readonly tenant: string; readonly subscription: string };

/** One kind of thing in the simulated Azure: how an estate file spells it, and the operations that touch it. */
export type AzureNoun<S extends z.ZodType = z.ZodType> = {
  /** Its key in the estate file, under the tenant or under a subscription. */
  readonly name: string;
  readonly scope: 'tenant' | 'subscription';
  readonly estate: S;
  seed(rows: World['rows'], value: z.output<S>, place: AzureSeedPlace): void;
  readonly operations: readonly AzureOperation[];
};

/** Keeps a noun's types together. */
export const azureNoun = <S extends z.ZodType>(noun: AzureNoun<S>): AzureNoun => noun as unknown as AzureNoun; // its schema parses what seed is given
