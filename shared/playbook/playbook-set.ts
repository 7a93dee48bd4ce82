import type { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { compile } from '../pattern/compile.ts';
import { matching } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';

/** The playbooks of a deployment under one compiled matcher, so that an event costs little more for a hundred than for one. */
export type PlaybookSet = {
  readonly all: readonly Playbook[];
  /** Those whose trigger matches, in their order; those for what is left only where no other does. Throws `InvalidInput` where an event is too complex to be matched. */
  matching(finding: Finding, event: Json): readonly Playbook[];
  /** Those for what no other playbook answers. */
  otherwise(finding: Finding, event: Json): readonly Playbook[];
};

/** Compiles once; hold on to it. Throws `InvalidInput` for a trigger that is no pattern. */
export function playbookSet(all: readonly Playbook[]): PlaybookSet {
  const matcher = compile(all.map((playbook) => ({ id: playbook, pattern: parsePattern(playbook.on) })));
  // a finding is JSON: it was made from JSON text or by a schema that lets nothing else in
  const triggered = (finding: Finding, event: Json) => matching(matcher, { finding, event } as Json);
  return {
    all,
    matching(finding, event) {
      const found = triggered(finding, event);
      const answering = found.filter(({ otherwise }) => !otherwise);
      return answering.length > 0 ? answering : found;
    },
    otherwise: (finding, event) => triggered(finding, event).filter(({ otherwise }) => otherwise),
  };
}
