/** What stands where a secret stood. */
const mask = '[masked]';

/** Names that secrets go by, in what is written `name=value`, `name: value` or `"name": "value"`. */
const names = [
  ...[
    'passw(?:or)?d',
    'pwd',
    'passphrase',
    'secret[-_]?access[-_]?key',
    'client[-_]?secret',
    'secret',
    'signing[-_]?keys?',
  ],
  ...['(?:access|refresh|id|session|security|bearer|api|auth|web[-_]?identity|sas)?[-_]?token', 'api[-_]?key'],
  ...['account[-_]?key', 'shared[-_]?access[-_]?(?:key|signature)', 'private[-_]?key', 'external[-_]?id'],
  ...['x-amz-(?:signature|security-token|credential)', 'signature', 'credentials?', 'cookie', 'connection[-_]?string'],
].join('|');

/**
 * What is a secret by its form, wherever it stands; in this order, because some forms hold others. Each first group
 * stays: it says what was there.
 */
const forms: readonly RegExp[] = [
  /(Unexpected [^\n"]{0,40}, )(?:\.\.\.)?"[\s\S]{0,120}?"(?:\.\.\.)?(?= is not valid JSON)/g, // V8 quotes what it could not read
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:[\w-]+\s+)?)[^"'\n\r]+/gi,
  /\b((?:bearer|basic|sharedkey|negotiate)\s+)(?=[\w+/=.:-]{12})[\w+/=.:-]+/gi,
  /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:"']+:[^\s/@"']+(?=@)/gi,
  /([?&](?:sig|signature|code|key|token|access_token|x-amz-signature|x-amz-security-token|x-amz-credential)=)[^&\s"'<>]+/gi,
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/.-]+/gi,
  /((?:webhook\.office\.com|logic\.azure\.com|discord(?:app)?\.com)[^\s"'<>]{0,300}?\/)(?=[\w-]{16})[\w-]+/gi,
  new RegExp(String.raw`\b((?:${names})(?:\\?["']\s*:\s*|\s*=\s*)\\?["']?)(?!\[masked\])[^\s"'\\,;&}<>]+`, 'gi'),
  // in a sentence a name is often followed by words of ours, or by where the secret lies
  new RegExp(
    String.raw`\b((?:${names}):\s*)(?!\[masked\]|(?:env|ssm|secretsmanager|keyvault):)(?=[^\s\d]{0,40}\d)[^\s"'\\,;&}<>]{6,}`,
    'gi',
  ),
  /\b(xox[a-z]-|xapp-|gh[opsu]_|github_pat_|glpat-|whsec_|sk_live_|rk_live_|AIza|ya29\.|npm_)[\w.+/=-]{10,}/g,
  /\b(eyJ)[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /((?:^|[^\w+/=.-]))(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{40}(?![\w+/=.-])/g,
  /((?:^|[^\w+/=.-]))(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[A-Za-z0-9+/]{84,}={0,2}(?![\w+/=])/g,
];

/**
 * A text without what is a secret by its form or by the name before it: keys, tokens, signatures, passwords, the
 * addresses of webhooks. What others write, as the words of a provider's error, passes through here before it is kept.
 */
export const masked = (text: string): string => forms.reduce((so, form) => so.replaceAll(form, `$1${mask}`), text);
