import { canonical, type Json } from '../model/json.ts';
import type { Evidence } from '../ports/evidence.ts';

/** So many values are remembered: what one run asks for again and again, its playbook and its plans. */
const most = 16;

/** Evidence that is not read twice in a row: what stands under a digest never changes, so what was read or put stays true. */
export function rememberEvidence(evidence: Evidence): Evidence {
  const known = new Map<string, Promise<Json | undefined>>();
  const keep = (digest: string, value: Promise<Json | undefined>): void => {
    known.delete(digest);
    known.set(digest, value);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
  };
  return {
    async put(value) {
      const digest = await evidence.put(value);
      // in the order in which a store gives it back: text that is made of it must be the same text
      const stored: Json = JSON.parse(canonical(value));
      keep(digest, Promise.resolve(stored));
      return digest;
    },
    get(digest) {
      const remembered = known.get(digest);
      if (remembered) return remembered;
      const value = evidence.get(digest);
      keep(digest, value);
      const forget = () => known.delete(digest);
      // what is not there may come yet, and what failed is asked for anew; both are told to whoever asked
      value.then((found) => found === undefined && forget(), forget);
      return value;
    },
  };
}
