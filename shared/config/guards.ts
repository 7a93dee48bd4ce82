import * as z from 'zod';
import { messageOf } from '../model/error.ts';
import { Json, type JsonObject } from '../model/json.ts';
import { parseAddress, parseBlock } from '../pattern/address.ts';
import { type Field, parsePattern } from '../pattern/parse.ts';

const PatternSource = z.record(z.string(), Json);

function fieldsOf(source: JsonObject): readonly Field[] {
  try {
    return parsePattern(source).alternatives.flat();
  } catch {
    return []; // what cannot be read is told where it is read
  }
}
const isTag = ({ path }: Field): boolean => path === 'target.tags' || path.startsWith('target.tags.');
const asksForNone = ({ conditions }: Field): boolean =>
  conditions.some((condition) => condition.kind === 'exists' && !condition.exists);

/**
 * Why a pattern may not look at tags as it does: whoever writes tags could make the decision laxer by writing one. A pattern
 * that makes stricter may look at tags, but not for the absence of one; one that makes laxer may not look at them at
 * all. Says nothing of a pattern that cannot be read.
 */
export function tagProblem(source: JsonObject, makes: 'stricter' | 'laxer'): string | undefined {
  const tags = fieldsOf(source).filter(isTag);
  const [first] = makes === 'laxer' ? tags : tags.filter(asksForNone);
  if (!first) return undefined;
  return makes === 'laxer'
    ? `looks at ${first.path}, which attackers can write: tags only ever make a decision stricter`
    : `asks for the absence of ${first.path}, a tag which anybody who writes tags can end`;
}

/** The same, or what is wrong with the pattern itself. */
function patternProblem(source: JsonObject, makes: 'stricter' | 'laxer'): string | undefined {
  try {
    parsePattern(source);
    return tagProblem(source, makes);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

const patternThatMakes = (makes: 'stricter' | 'laxer') =>
  PatternSource.superRefine((source, context) => {
    const message = patternProblem(source, makes);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** What nobody may contain: a pattern over `{ finding, target, action }`. */
export const Protection = z.strictObject({
  name: z.string().min(1),
  when: patternThatMakes('stricter'),
  /** `ask` lets a person decide; `deny` is final. */
  decision: z.enum(['ask', 'deny']).default('deny'),
  kind: z.enum(['target', 'principal']).default('target'),
});
export type Protection = z.infer<typeof Protection>;

/** What is left alone for a while, and who answers for that: a pattern over `{ finding, target, action }`. */
export const Exclusion = z.strictObject({
  name: z.string().min(1),
  when: patternThatMakes('laxer'),
  owner: z.string().min(1),
  why: z.string().min(1),
  /** The last day on which it counts, UTC. */
  expires: z.iso.date(),
});
export type Exclusion = z.infer<typeof Exclusion>;

/** Instances that do the same work, beside those of Auto Scaling groups and scale sets, which are known. */
export const Fleet = z.strictObject({
  name: z.string().min(1),
  when: patternThatMakes('stricter'),
  /** How many there are. */
  size: z.int().positive(),
});
export type Fleet = z.infer<typeof Fleet>;

/** Values by tag key; keys and values are compared without case. */
const TagValues = z.record(z.string(), z.array(z.string()).min(1));

/** Tags that make a person decide. They can only do that: nothing is allowed because of a tag. */
export const StrictTags = z.strictObject({
  critical: TagValues.default({
    criticality: ['high', 'critical', 'mission-critical', 'crown-jewel'],
    'business-criticality': ['high', 'critical', 'mission-critical', 'crown-jewel'],
    tier: ['0', 'tier-0', 'tier0'],
  }),
  classified: TagValues.default({
    'data-classification': ['restricted', 'confidential', 'highly-confidential', 'secret', 'top-secret', 'pii', 'phi'],
    dataclassification: ['restricted', 'confidential', 'highly-confidential', 'secret', 'top-secret', 'pii', 'phi'],
    classification: ['restricted', 'confidential', 'highly-confidential', 'secret', 'top-secret', 'pii', 'phi'],
  }),
});
export type StrictTags = z.infer<typeof StrictTags>;

export const Limits = z.strictObject({
  /** The share of a fleet that may be contained at a time, at least one target; beyond it a person is asked. */
  fleetShare: z.number().positive().max(1).default(0.1),
});

/** After more changes in an account than its hourly limit, a person is asked before each one. */
export const BreakerSettings = z.strictObject({
  /** Hours without a further attempt after which the breaker closes by itself. */
  hours: z.number().positive().default(1),
  /** Accounts whose breakers are open at once that open the one for everything. */
  accounts: z.int().min(2).default(3),
});

const shortest = { v4: 16, v6: 32 } as const;

/** What is wrong with a block as an exception; clouds answer with its one canonical spelling, so no other is taken. */
function blockProblem(cidr: string): string | undefined {
  const [address = '', bits = '', more] = cidr.split('/');
  const number = parseAddress(address);
  const [least, most] = cidr.includes(':') ? [shortest.v6, 128] : [shortest.v4, 32];
  if (number === undefined || more !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    return `${cidr} is no block of addresses such as 192.0.2.10/32`;
  if (Number(bits) < least) return `${cidr} is too wide to be an exception: at least /${least}`;
  const block = parseBlock(cidr);
  if (typeof block !== 'string' && block.base !== number) return `${cidr} does not begin at its first address`;
  const canonical = cidr.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
  return canonical === address ? undefined : `${cidr} is written ${canonical}/${bits}`;
}

/** Addresses that isolation leaves open inbound, as a forensic workstation. */
export const IsolationAllow = z.strictObject({
  cidr: z.string().superRefine((cidr, context) => {
    const message = blockProblem(cidr);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  /** TCP; every port and protocol where it is left out. */
  port: z.int().min(1).max(65_535).optional(),
  why: z.string().min(1),
});
export type IsolationAllow = z.infer<typeof IsolationAllow>;

/** What an isolated machine keeps. */
export const Isolation = z.strictObject({
  /** What it can still be reached from. */
  allow: z.array(IsolationAllow).max(20).default([]),
  /** On AWS the instance profile it gets in the place of its own, by name, as one that lets Systems Manager in; none by default. */
  instanceProfile: z
    .string()
    .regex(/^[\w+=,.@-]{0,128}$/, 'the name of an instance profile')
    .default(''),
});

const inForce = ({ expires }: Exclusion, now: string): boolean => now.slice(0, 10) <= expires;

/** Exclusions that count no more: somebody has to renew them or take them out. */
export const expiredExclusions = (
  { exclusions }: { readonly exclusions: readonly Exclusion[] },
  now: string,
): readonly Exclusion[] => exclusions.filter((one) => !inForce(one, now));

/** Exclusions that count now. */
export const exclusionsInForce = (
  { exclusions }: { readonly exclusions: readonly Exclusion[] },
  now: string,
): readonly Exclusion[] => exclusions.filter((one) => inForce(one, now));
