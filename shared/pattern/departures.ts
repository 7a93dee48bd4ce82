import type { Json } from '../model/json.ts';
import type { Verdict } from './verdicts.ts';

/** An accident of the reference engine, Event Ruler (github.com/aws/event-ruler), and what is done here instead. */
export type Departure = {
  readonly name: string;
  /** What its documentation has it do, and how it comes to do something else. */
  readonly why: string;
  /** As JSON, or as text where the text matters. */
  readonly pattern: Json;
  /** Left out where the question is whether the pattern can be used at all. */
  readonly event?: Json;
  /** `varies`: the same pattern answers differently each time it is built. */
  readonly reference: Verdict | 'varies';
  readonly ours: Verdict;
};

const hexDigits =
  'Addresses are documented to be compared within their family. The engine writes them as hexadecimal digits and compares the digits from the left, whatever they were made of.';
const sharedSteps =
  'Conditions of one field are documented as alternatives, each on its own. When a wildcard stands before a condition that ignores case, the engine also takes values that neither of them means; written in the other order they are told apart.';
const shortcut =
  'An exact string is documented to match itself. Beside a numeric range with a negative bound and a prefix, suffix or wildcard, the engine finds it or not depending on how the machine happened to be put together.';
const quotes =
  'A prefix is documented to be compared with the text of the value. The engine keeps values with their quotation marks, so a quotation mark at the end of a prefix meets the one that closes the value.';

/** Every one is run against this engine by a test, and listed in the reference. */
export const departures: readonly Departure[] = [
  {
    name: 'an IPv4 block takes in an IPv6 address',
    why: `${hexDigits} 32.1.13 and 2001:0d.. begin with the same digits.`,
    pattern: { source: [{ cidr: '32.1.13.0/24' }] },
    event: { source: '2001:db8::7' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'an IPv4 address equals an IPv6 address',
    why: hexDigits,
    pattern: { source: ['32.1.13.184'] },
    event: { source: '2001:db8::7' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'an IPv4 address equals a number',
    why: `${hexDigits} 18.52.86.120 is 12345678 in hexadecimal digits. The answer changes when another condition on the field is numeric.`,
    pattern: { source: ['18.52.86.120'] },
    event: { source: 12345678 },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'the IPv6 block of everything takes in IPv4',
    why: hexDigits,
    pattern: { source: [{ cidr: '::/0' }] },
    event: { source: '192.0.2.7' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'the IPv4 block of everything takes in numbers',
    why: `${hexDigits} Numbers are no addresses. The answer changes when another condition on the field is numeric.`,
    pattern: { source: [{ cidr: '0.0.0.0/0' }] },
    event: { source: 42 },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'a wildcard before a prefix that ignores case loosens it',
    why: sharedSteps,
    pattern: { role: [{ wildcard: '*Owner*' }, { prefix: { 'equals-ignore-case': 'owner' } }] },
    event: { role: 'xwner' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'a wildcard before a text that ignores case loosens it',
    why: sharedSteps,
    pattern: { stage: [{ wildcard: '*Live' }, { 'equals-ignore-case': 'live' }] },
    event: { stage: 'notlive' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'an exact string beside a negative range and a prefix is lost',
    why: shortcut,
    pattern: { state: ['HALT', { numeric: ['>=', -2.5] }, { prefix: 'B' }] },
    event: { state: 'HALT' },
    reference: 'varies',
    ours: 'matches',
  },
  {
    name: 'an exact string beside a negative range and a wildcard is lost',
    why: shortcut,
    pattern: { state: ['HALT', { numeric: ['>=', -2.5] }, { wildcard: 'B*' }] },
    event: { state: 'HALT' },
    reference: 'varies',
    ours: 'matches',
  },
  {
    name: 'a character outside the basic plane never equals itself without case',
    why: 'A text is documented to equal itself. In the engine a condition with such a character never holds. Here it stands for itself.',
    pattern: { note: [{ 'equals-ignore-case': 'shipped 🚀' }] },
    event: { note: 'shipped 🚀' },
    reference: 'does not match',
    ours: 'matches',
  },
  {
    name: 'a quotation mark begins the empty string',
    why: quotes,
    pattern: { note: [{ prefix: '"' }] },
    event: { note: '' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'a prefix with a quotation mark reaches past the end',
    why: quotes,
    pattern: { note: [{ prefix: 'done"' }] },
    event: { note: 'done' },
    reference: 'matches',
    ours: 'does not match',
  },
  {
    name: 'an empty list of excluded prefixes passes the check',
    why: 'A list that excludes nothing has no meaning. The check of the engine accepts it, and adding the rule then fails with a null pointer.',
    pattern: { note: [{ 'anything-but': { prefix: [] } }] },
    reference: 'accepted',
    ours: 'refused',
  },
  {
    name: 'text behind the pattern is accepted',
    why: 'A pattern is documented as one JSON object. The engine stops reading at its end, so that a slip which closes it early goes unseen.',
    pattern: '{"note": ["x"]}, "more": ["y"]}',
    reference: 'accepted',
    ours: 'refused',
  },
];

/** Where the language is cut off, so that no pattern and no event can do harm; what parsing has lost already is among it. */
export const boundaries: readonly string[] = [
  'A pattern whose `$or` multiplies out to more than 1,000 alternatives, with more than 1,000 fields in one of them or more than 100,000 in all, that has more than 1,000 wildcards or nests deeper than 1,000 levels, is refused.',
  'An event whose arrays cannot be searched within a fixed number of steps (dotted keys that repeat other paths, or arrays nested hundreds deep, built for that purpose) is answered with the error `event-too-complex`, never with a guess.',
  'Events are compared as parsed JSON: how a number was written (0.10 or 0.1, more digits than a double holds) and a key that stands twice are no longer seen. In the text of a pattern such numbers are seen, and refused where they would be compared.',
  'EventBridge refuses patterns with many wildcards as too complex. Here they are accepted: a wildcard costs one pass over the value.',
];
