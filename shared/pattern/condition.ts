import type { Leaf, Scalar } from './leaf.ts';

/** The comparisons of `numeric`. */
export type Comparison = '=' | '<' | '<=' | '>' | '>=';

/** What `anything-but` can exclude. */
export type Exclusion = 'exactly' | 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard';

/** A text at the beginning or the end of a value. */
export type Affix = { readonly text: string; readonly ignoreCase: boolean };

type Conditions = {
  /** `address`: a bare string that spells an IP address is compared as one. */
  readonly exactly: { readonly value: Scalar; readonly address: boolean };
  readonly prefix: Affix;
  readonly suffix: Affix;
  readonly 'equals-ignore-case': { readonly text: string };
  readonly wildcard: { readonly text: string };
  readonly 'anything-but': { readonly of: Exclusion; readonly values: readonly (string | number)[] };
  readonly numeric: { readonly bounds: readonly (readonly [comparison: Comparison, value: number])[] };
  readonly exists: { readonly exists: boolean };
  readonly cidr: { readonly text: string };
};

/** The name of an operator. */
export type OperatorName = keyof Conditions;

/** One thing that a field may be; plain data. The conditions of one field are alternatives. */
export type Condition<N extends OperatorName = OperatorName> = {
  readonly [K in N]: { readonly kind: K } & Conditions[K];
}[N];

/** Whether a leaf meets a condition. */
export type Test = (leaf: Leaf) => boolean;

/** The conditions whose leaves an `anything-but` leaves out. */
export const excluded = ({ of, values }: Condition<'anything-but'>): readonly Condition[] =>
  values.map((value): Condition => {
    const text = String(value);
    if (of === 'exactly') return { kind: of, value, address: false };
    return of === 'prefix' || of === 'suffix' ? { kind: of, text, ignoreCase: false } : { kind: of, text };
  });
