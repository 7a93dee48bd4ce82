import { asJson, canonical } from '../model/json.ts';
import { type Allowed, type Grant, type Need, renderGrant } from './grants.ts';
import { fits, glob } from './wildcard.ts';

/** One right on one resource and everything that it is for. */
export type Right = Allowed & { readonly purposes: readonly string[] };

/** Placeholders that are known; `regions` may be several. A placeholder without a value becomes `*`. */
export type Values = Readonly<Record<string, string>>;

const conditionOf = ({ when }: Allowed): string => (when ? canonical(asJson(when)) : '');
const keyOf = (right: Allowed): string => `${right.action}\n${right.resource}\n${conditionOf(right)}`;

/** Whether the second right allows all that the first one does. */
const isCovered = (right: Allowed, by: Allowed): boolean =>
  right.action === by.action &&
  (by.when === undefined || conditionOf(right) === conditionOf(by)) &&
  !by.resource.includes('?') &&
  fits(glob(by.resource), right.resource);

const sorted = (purposes: readonly string[]): readonly string[] => [...new Set(purposes)].sort();

/** The ARNs of buckets say no account: without a condition any bucket in the world would do that lets the role in. */
const ofAccount: NonNullable<Grant['when']> = { StringEquals: { 'aws:ResourceAccount': ['{account}'] } };

const withinAccount = (grant: Grant): Grant =>
  grant.on.includes(':s3:::{bucket}') ? { ...grant, when: { ...grant.when, ...ofAccount } } : grant;

/** Grants filled in, for each of the regions where they name one. */
const rendered = ({ purpose, grant }: Need, values: Values, regions: readonly string[]): readonly Right[] => {
  const places = grant.on.includes('{region}') && regions.length > 0 ? regions : [undefined];
  return places.map((region) => ({
    ...renderGrant(withinAccount(grant), region === undefined ? values : { ...values, region }),
    purposes: [purpose],
  }));
};

/** The rights that are needed, each once, without those that a wider one of the same conditions allows already. */
export function rightsOf(needs: readonly Need[], values: Values, regions: readonly string[] = []): readonly Right[] {
  const known = new Map<string, Right>();
  for (const right of needs.flatMap((need) => rendered(need, values, regions))) {
    const before = known.get(keyOf(right))?.purposes ?? [];
    known.set(keyOf(right), { ...right, purposes: sorted([...before, ...right.purposes]) });
  }
  const all = [...known.values()];
  const widest = all.filter((right) => !all.some((other) => other !== right && isCovered(right, other)));
  return widest.map((right) => ({
    ...right,
    purposes: sorted(all.flatMap((other) => (isCovered(other, right) ? other.purposes : []))),
  }));
}
