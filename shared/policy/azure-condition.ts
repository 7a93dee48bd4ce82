import type { Conditions } from './conditions.ts';
import { fits, starGlob } from './wildcard.ts';

/** What a condition is held against: an operation, and attributes as `@Request[Microsoft.Authorization/roleAssignments:PrincipalId]`. */
export type AzureRequest = {
  readonly operation: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
};

/** The version of conditions that Azure takes (learn.microsoft.com/azure/role-based-access-control/conditions-format). */
export const conditionVersion = '2.0';

/** An operation that is allowed, as far as a condition of its own holds. */
type Bounded = { readonly action: string; readonly when: Conditions | undefined };

const written = (when: Conditions): string =>
  Object.entries(when)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([attribute, values]) => `${attribute} ${operator} {${values.join(', ')}}`),
    )
    .join(' AND ');

/**
 * The condition of a role assignment, under which each operation is allowed as its grants say: one of them must hold,
 * and one without a condition leaves the operation free. Empty where nothing is bounded.
 */
export function conditionOf(allowed: readonly Bounded[]): string {
  const actions = [...new Set(allowed.filter(({ when }) => when).map(({ action }) => action))].sort();
  return actions
    .flatMap((action) => {
      const mine = allowed.filter((one) => one.action === action).map(({ when }) => when && written(when));
      if (mine.includes(undefined)) return [];
      return [`((!(ActionMatches{'${action}'})) OR (${[...new Set(mine)].join(') OR (')}))`];
    })
    .join(' AND ');
}

type Truth = (request: AzureRequest) => boolean;
type Tokens = { readonly all: readonly string[]; at: number };

const form = /\s*(@\w+\[[^\]]+\]|\{[^{}]*\}|[()!]|'[^']*'|[^\s(){}!@']+)/gy;

function tokensOf(text: string): Tokens {
  const all = [...text.trim().matchAll(form)];
  if (all.reduce((sum, [whole]) => sum + whole.length, 0) !== text.trim().length)
    throw new SyntaxError(`not a condition: ${text}`);
  return { all: all.map(([, token = '']) => token), at: 0 };
}

const next = (tokens: Tokens): string => tokens.all[tokens.at++] ?? '';
const took = (tokens: Tokens, ...words: readonly string[]): boolean => {
  const fitting = words.includes((tokens.all[tokens.at] ?? '').toUpperCase());
  if (fitting) tokens.at += 1;
  return fitting;
};
function expect(tokens: Tokens, word: string): void {
  if (!took(tokens, word)) throw new SyntaxError(`${word} was expected`);
}

const valuesOf = (text: string): readonly string[] =>
  text
    .replace(/^\{|\}$/g, '')
    .split(',')
    .map((one) => one.trim().replace(/^'|'$/g, ''))
    .filter(Boolean);

const lower = (one: string): string => one.toLowerCase();
const equals: Readonly<Record<string, (found: string, wanted: string) => boolean>> = {
  GuidEquals: (found, wanted) => lower(found) === lower(wanted),
  GuidNotEquals: (found, wanted) => lower(found) !== lower(wanted),
  StringEquals: (found, wanted) => found === wanted,
  StringNotEquals: (found, wanted) => found !== wanted,
  StringEqualsIgnoreCase: (found, wanted) => lower(found) === lower(wanted),
  StringNotEqualsIgnoreCase: (found, wanted) => lower(found) !== lower(wanted),
};
const quantified = /^(?:ForAnyOf(Any|All)Values|ForAllOf(Any|All)Values):(\w+)$/;

/** An attribute that the request does not have makes a comparison false, whatever its operator. */
function comparison(attribute: string, tokens: Tokens): Truth {
  const operator = next(tokens);
  const [, any, all, name = operator] = quantified.exec(operator) ?? [];
  const matches = equals[name];
  if (!matches) throw new SyntaxError(`the operator ${operator} is not known`);
  const wanted = valuesOf(next(tokens));
  const one = (found: string): boolean =>
    (any ?? all) === 'All'
      ? wanted.every((value) => matches(found, value))
      : wanted.some((value) => matches(found, value));
  return ({ attributes }) => {
    const found = attributes[attribute] ?? [];
    return found.length > 0 && (all === undefined ? found.some(one) : found.every(one));
  };
}

function single(tokens: Tokens): Truth {
  if (took(tokens, '!', 'NOT')) {
    const inner = single(tokens);
    return (request) => !inner(request);
  }
  if (took(tokens, '(')) {
    const inner = either(tokens);
    expect(tokens, ')');
    return inner;
  }
  if (took(tokens, 'ACTIONMATCHES')) {
    const patterns = valuesOf(next(tokens)).map((one) => starGlob(lower(one)));
    return ({ operation }) => patterns.some((pattern) => fits(pattern, lower(operation)));
  }
  const attribute = next(tokens);
  if (attribute.startsWith('@')) return comparison(attribute, tokens);
  throw new SyntaxError(`${attribute || 'the end'} was not expected`);
}

function both(tokens: Tokens): Truth {
  const parts = [single(tokens)];
  while (took(tokens, 'AND', '&&')) parts.push(single(tokens));
  return (request) => parts.every((part) => part(request));
}

function either(tokens: Tokens): Truth {
  const parts = [both(tokens)];
  while (took(tokens, 'OR', '||')) parts.push(both(tokens));
  return (request) => parts.some((part) => part(request));
}

/** Whether a condition lets a request through. What cannot be read lets nothing through. */
export function conditionHolds(condition: string, request: AzureRequest): boolean {
  try {
    const tokens = tokensOf(condition);
    const truth = either(tokens);
    return tokens.at === tokens.all.length && truth(request);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}
