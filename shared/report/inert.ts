/** Characters that steer what shows them instead of being shown: controls, bidirectional overrides, invisible and unknown ones. */
const steering = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** Cut to so many characters, with a mark where something is missing. */
const capped = (text: string, most: number): string => {
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};

/** One line of our own: nothing in it steers, and it ends somewhere. */
export const oneLine = (text: string, most = 300): string =>
  capped(
    text
      .slice(0, 8 * most)
      .replaceAll(/\s+/gu, ' ')
      .replaceAll(steering, '�')
      .trim(),
    most,
  );

/** `fe80::1`, `2001:db8:0:0:0:0:0:1`: not a time, and not the gaps in an ARN. */
const ipv6 = /(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){7})[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;
const schemes =
  /\b(https?|hxxps?|ftp|file|wss?|ssh|javascript|vbscript|data|mailto|tel|sms|slack|about|blob|intent):(?=\S)/gi;

/** What each reader of markup, a terminal, a mail program or a spreadsheet would take for more than text; in this order. */
const disarmed: readonly (readonly [from: RegExp, to: string])[] = [
  [/(\p{M}{2})\p{M}+/gu, '$1'],
  [/</g, '‹'],
  [/>/g, '›'],
  [/&(?=#|\w+;)/g, '& '],
  [/`/g, "'"],
  [/\*/g, '∗'],
  [/~/g, '∼'],
  [/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ'],
  [/@(?!\])|(?<!\[)@/g, '[@]'],
  [/\bhttp(?=s?:)/gi, 'hxxp'],
  [schemes, '$1[:]'],
  [/:(?=\/\/|\\\\)/g, '[:]'],
  [/(?<=[\p{L}\p{N}\p{M}_-])[.。](?=[\p{L}\p{N}_-])/gu, '[.]'],
];

/**
 * Text that an attacker may have chosen, on one line, as every channel can show it: addresses are defanged (`hxxps[:]`,
 * `evil[.]example`), nothing in it is a mention, a link, markup, a formula or an order to a terminal. It is for reading,
 * not for copying: what has to be exact is looked up under the id of the run.
 */
export function inert(text: string, most = 300): string {
  const plain = oneLine(text.slice(0, 8 * most).normalize('NFKC'), 2 * most);
  const safe = disarmed
    .reduce((so, [from, to]) => so.replaceAll(from, to), plain)
    .replaceAll(ipv6, (address) => address.replaceAll(/:+/g, '[$&]'))
    .replaceAll(/\](?=[([:])/g, '] '); // last, because what stands above writes brackets
  return capped(/^[=+\-@|%]/.test(safe) ? `'${safe}` : safe, most).replace(/[[@.:_]+…$/, '…'); // not within what was written here
}

const identifier = /^(arn:aws[a-z-]*:|\/(subscriptions|tenants)\/)[A-Za-z0-9/:._,=+-]{1,1000}$/;

/** An ARN or ARM id as it is, where it is nothing but one, for programs; any other text made inert. */
export const exactId = (text: string): string =>
  identifier.test(text) && !/\/\/|\.\.|:\//.test(text) ? text : inert(text, 500);
