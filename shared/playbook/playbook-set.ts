import type { Finding } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { compile } from '../pattern/compile.ts';
import { matching } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';

/** The playbooks of a deployment under one compiled matcher, so that an event costs little more for a hundred than for one. */
export type PlaybookSet = {
  readonly all: readonly Playbook[];
  /** Those whose trigger matches, in their order. Throws `InvalidInput` where an event is too complex to be matched. */
  matching(finding: Finding, event: Json): readonly Playbook[];
};

/** Compiles once; hold on to it. Throws `InvalidInput` for a trigger that is no pattern. */
export function playbookSet(all: readonly Playbook[]): PlaybookSet {
  const matcher = compile(all.map((playbook) => ({ id: playbook, pattern: parsePattern(playbook.on) })));
  // a finding is JSON: it was made from JSON text or by a schema that lets nothing else in
  return { all, matching: (finding, event) => matching(matcher, { finding, event } as Json) };
}
