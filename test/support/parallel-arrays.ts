import type { Json } from '../../shared/model/json.ts';

/** The event in which `value(n)` lies under every way to write the path with dots or steps, n counting the ways. */
function everyWay(path: readonly string[], value: (way: number) => Json): Json {
  const event: Record<string, Json> = {};
  for (let way = 0; way < 2 ** (path.length - 1); way++) {
    const keys = path.reduce((key, step, at) => key + ((way >> (at - 1)) & 1 ? '/' : '.') + step).split('/');
    const last = keys.pop() ?? '';
    let place = event;
    for (const key of keys) {
      const next = (place[key] ?? {}) as Record<string, Json>; // put there by an earlier way
      place[key] = next;
      place = next;
    }
    place[last] = value(way);
  }
  return event;
}

/** A pattern and an event whose keys with dots open several arrays under one path: the search through them is NP-hard. */
export function parallelArrays(): { readonly pattern: Json; readonly event: Json } {
  const names = Array.from({ length: 16 }, (_, at) => `f${at}`);
  const one = (at: number): Json => ({ [names[at % 16] ?? '']: '1' });
  const event = everyWay(['a', 'b', 'c', 'd', 'e'], (way) => names.map((_, at) => one(at + way)).slice(0, 8));
  const impossible = { ...Object.fromEntries(names.map((name) => [name, ['1']])), last: ['1'], least: ['1'] };
  const split: Json = { 'a.b.c.d': { e: [{ last: '1' }, { least: '1' }] } };
  return { pattern: { 'a.b.c.d.e': impossible }, event: { ...(event as object), ...split } };
}
