import type { StrictTags } from '../config/guards.ts';
import { isObject, type JsonObject } from '../model/json.ts';

type Tag = readonly [key: string, value: string];

/** The tags of a target, both sides in small letters. */
const tagsOf = ({ tags }: JsonObject): readonly Tag[] =>
  isObject(tags) ? Object.entries(tags).map(([key, value]) => [key.toLowerCase(), String(value).toLowerCase()]) : [];

/** The first tag of a target that stands in a table of values by key, as `key=value`. */
export function tagIn(table: StrictTags['critical'], target: JsonObject): string | undefined {
  const wanted = Object.entries(table).map(([key, values]) => [
    key.toLowerCase(),
    values.map((value) => value.toLowerCase()),
  ]);
  const hit = tagsOf(target).find(([key, value]) =>
    wanted.some(([name, values]) => name === key && values?.includes(value)),
  );
  return hit?.join('=');
}

/** Machines that others depend on to get in or to be known at all, by the words people name them with. */
const roles: readonly { readonly means: string; readonly words: RegExp; readonly shortly: RegExp }[] = [
  {
    means: 'a domain controller',
    words: /(^|[^a-z])(domain[-_ ]?controller|active[-_ ]?directory)([^a-z]|$)/,
    shortly: /^(dc|pdc|rodc|adds?|ad[-_ ]?ds)[-_ ]?\d*$/,
  },
  {
    means: 'a bastion',
    words: /(^|[^a-z])(bastion|jump[-_ ]?(host|box|server))([^a-z]|$)/,
    shortly: /^jump[-_ ]?\d*$/,
  },
  {
    means: 'a VPN or firewall appliance',
    words: /(^|[^a-z])(vpn[-_ ]?(gateway|server|appliance|concentrator)|firewall)([^a-z]|$)/,
    shortly: /^(vpn|nva|nat|router|fw)[-_ ]?\d*$/,
  },
];
const roleKeys = ['role', 'server-role', 'serverrole', 'function', 'purpose', 'service', 'type'];

/**
 * What a machine is called that should not be cut off without a person: by a tag that tells its role, or by its name.
 * Names and tags are anybody's who may write them, so that they never forbid, they only ask.
 */
export function namedRole(target: JsonObject): string | undefined {
  const tags = tagsOf(target);
  const names = [target['name'], target['computerName'], tags.find(([key]) => key === 'name')?.[1]];
  const told = tags.filter(([key]) => roleKeys.includes(key)).map(([, value]) => value);
  const said = [...told, ...names.map((name) => String(name ?? '').toLowerCase())];
  return roles.find(
    ({ words, shortly }) => said.some((one) => words.test(one)) || told.some((one) => shortly.test(one)),
  )?.means;
}
