import { bicepTokens, type Token } from './bicep-tokens.ts';

/** An expression of Bicep, as far as our files use them. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: number | boolean | null }
  | { readonly kind: 'text'; readonly parts: readonly string[]; readonly holes: readonly Expression[] }
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | { readonly kind: 'object'; readonly members: readonly { readonly key: Expression; readonly value: Expression }[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'for';
      readonly names: readonly string[];
      readonly over: Expression;
      readonly body: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Expression[]; readonly line: number }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly line: number }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'both'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choice'; readonly when: Expression; readonly then: Expression; readonly otherwise: Expression }
  | { readonly kind: 'lambda'; readonly names: readonly string[]; readonly body: Expression };

type Decorator = { readonly name: string; readonly given: readonly Expression[] };

/** One statement of a file. `type` is a data type, or the type of a resource, or the file of a module. */
export type Statement = {
  readonly kind: 'metadata' | 'targetScope' | 'param' | 'var' | 'resource' | 'module' | 'output';
  readonly name: string;
  readonly line: number;
  readonly decorators: readonly Decorator[];
  readonly type?: string;
  readonly existing?: boolean;
  /** A resource or module is there only where this holds. */
  readonly when?: Expression;
  readonly value?: Expression;
};

/** How tightly operators bind, from the loosest. */
const levels = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']];
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A reader of the grammar; every method throws `SyntaxError` with the line where the tokens do not fit. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '', line: 0 };
  }
  #is(value: string): boolean {
    return this.#next.value === value && this.#next.kind !== 'text';
  }
  #take(value?: string): Token {
    const token = this.#next;
    if (value !== undefined && !this.#is(value)) throw this.#fault(`${JSON.stringify(value)} was expected`);
    this.#at += 1;
    return token;
  }
  /** Whether this stands next; then it is taken. */
  #skip(value: string): boolean {
    const found = this.#is(value);
    if (found) this.#at += 1;
    return found;
  }
  #fault(problem: string): Error {
    return new SyntaxError(`line ${this.#next.line}: ${problem}, there is ${JSON.stringify(this.#next.value)}`);
  }
  #word(): string {
    if (this.#next.kind !== 'word') throw this.#fault('a name was expected');
    return this.#take().value;
  }
  #lines(): void {
    while (this.#next.kind === 'line') this.#at += 1;
  }
  /** Items up to a closing sign, parted by lines or commas. */
  #items<T>(close: string, one: () => T): readonly T[] {
    const items: T[] = [];
    this.#lines();
    while (!this.#is(close)) {
      items.push(one());
      if (!this.#is(close) && !this.#is(',') && this.#next.kind !== 'line')
        throw this.#fault('a new line was expected');
      this.#skip(',');
      this.#lines();
    }
    this.#take(close);
    return items;
  }

  /** Whether a sign stands here or on a later line; then it is next. */
  #reach(sign: string): boolean {
    const from = this.#at;
    this.#lines();
    if (this.#is(sign)) return true;
    this.#at = from;
    return false;
  }

  expression(): Expression {
    const when = this.#both(0);
    if (!this.#reach('?')) return when;
    this.#take('?');
    const then = this.expression();
    if (!this.#reach(':')) throw this.#fault('":" was expected');
    this.#take(':');
    return { kind: 'choice', when, then, otherwise: this.expression() };
  }
  #both(level: number): Expression {
    const own = levels[level];
    if (own === undefined) return this.#unary();
    let left = this.#both(level + 1);
    while (this.#next.kind === 'sign' && own.includes(this.#next.value)) {
      const sign = this.#take().value;
      left = { kind: 'both', sign, left, right: this.#both(level + 1) };
    }
    return left;
  }
  #unary(): Expression {
    if (!this.#is('!')) return this.#postfix();
    this.#take();
    return { kind: 'not', of: this.#unary() };
  }
  #postfix(): Expression {
    let of = this.#primary();
    for (;;) {
      const { line } = this.#next;
      if (this.#is('.')) {
        this.#take();
        of = { kind: 'member', of, name: this.#word(), line };
      } else if (this.#is('[')) {
        this.#take();
        of = { kind: 'index', of, at: this.expression() };
        this.#take(']');
      } else if (this.#is('!')) this.#take();
      else return of;
    }
  }
  #primary(): Expression {
    const { kind, value, line } = this.#next;
    if (kind === 'number') return { kind: 'literal', value: Number(this.#take().value) };
    if (kind === 'text') return this.#text();
    if (kind === 'word') return this.#named(value, line);
    if (value === '{') return this.#object();
    if (value === '[') return this.#array();
    if (value !== '(') throw this.#fault('an expression was expected');
    this.#take();
    const inside = this.expression();
    this.#take(')');
    return inside;
  }
  #text(): Expression {
    const { parts = [], inner = [] } = this.#take();
    const holes = inner.map((tokens) => {
      const parser = new Parser(tokens);
      const hole = parser.expression();
      if (parser.#next.kind !== 'end') throw parser.#fault('} was expected');
      return hole;
    });
    return { kind: 'text', parts, holes };
  }
  #named(name: string, line: number): Expression {
    this.#take();
    const literal = words.get(name);
    if (literal !== undefined) return { kind: 'literal', value: literal };
    if (this.#is('=>')) {
      this.#take();
      return { kind: 'lambda', names: [name], body: this.expression() };
    }
    if (!this.#is('(')) return { kind: 'name', name, line };
    this.#take();
    return { kind: 'call', name, given: this.#items(')', () => this.expression()), line };
  }
  #object(): Expression {
    this.#take('{');
    const members = this.#items('}', () => {
      const { kind, value } = this.#next;
      const key: Expression = kind === 'text' ? this.#text() : { kind: 'text', parts: [value], holes: [] };
      if (kind !== 'text') this.#word();
      this.#take(':');
      return { key, value: this.expression() };
    });
    return { kind: 'object', members };
  }
  #array(): Expression {
    this.#take('[');
    this.#lines();
    if (!this.#is('for')) return { kind: 'array', items: this.#items(']', () => this.expression()) };
    this.#take();
    const names = this.#skip('(') ? this.#items(')', () => this.#word()) : [this.#word()];
    this.#take('in');
    const over = this.expression();
    this.#take(':');
    const body = this.expression();
    this.#lines();
    this.#take(']');
    return { kind: 'for', names, over, body };
  }

  /** A data type: a word, a list of it, or an object of them. */
  #dataType(): string {
    let type: string;
    if (this.#is('{')) {
      this.#take();
      const members = this.#items('}', () => {
        const name = this.#word();
        this.#take(':');
        return `${name}: ${this.#dataType()}`;
      });
      type = `{ ${members.join(', ')} }`;
    } else type = this.#word();
    if (!this.#is('[')) return type;
    this.#take();
    this.#take(']');
    return `${type}[]`;
  }
  #plainText(): string {
    const text = this.#next.kind === 'text' ? this.#text() : undefined;
    if (text?.kind !== 'text' || text.holes.length > 0) throw this.#fault('a plain text was expected');
    return text.parts.join('');
  }
  #decorators(): readonly Decorator[] {
    const decorators: Decorator[] = [];
    for (this.#lines(); this.#is('@'); this.#lines()) {
      this.#take();
      const name = this.#word();
      this.#take('(');
      decorators.push({ name, given: this.#items(')', () => this.expression()) });
    }
    return decorators;
  }
  #condition(): Expression | undefined {
    if (!this.#skip('if')) return undefined;
    this.#take('(');
    const when = this.expression();
    this.#take(')');
    return when;
  }
  #statement(): Statement {
    const decorators = this.#decorators();
    const { line } = this.#next;
    const kind = this.#word();
    if (kind === 'targetScope') {
      this.#take('=');
      return { kind, name: kind, line, decorators, value: this.expression() };
    }
    const name = this.#word();
    const whole = { name, line, decorators };
    if (kind === 'param' || kind === 'output') {
      const type = this.#dataType();
      return { kind, ...whole, type, ...(this.#skip('=') && { value: this.expression() }) };
    }
    const type = kind === 'resource' || kind === 'module' ? this.#plainText() : undefined;
    const existing = this.#skip('existing');
    this.#take('=');
    if (kind === 'metadata' || kind === 'var') return { kind, ...whole, value: this.expression() };
    if (kind !== 'resource' && kind !== 'module') throw new SyntaxError(`line ${line}: ${kind} is no statement`);
    const when = this.#condition();
    return { kind, ...whole, ...(type && { type }), existing, ...(when && { when }), value: this.expression() };
  }
  file(): readonly Statement[] {
    const statements: Statement[] = [];
    for (this.#lines(); this.#next.kind !== 'end'; this.#lines()) {
      statements.push(this.#statement());
      if (!['line', 'end'].includes(this.#next.kind)) throw this.#fault('a new line was expected');
    }
    return statements;
  }
}

/**
 * Reads a Bicep file as far as ours use the language
 * (learn.microsoft.com/azure/azure-resource-manager/bicep/file); whatever it does not know is a `SyntaxError`.
 */
export const parseBicep = (source: string): readonly Statement[] => new Parser(bicepTokens(source)).file();
