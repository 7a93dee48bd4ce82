import type { JsonObject } from '../model/json.ts';
import { type Playbook, placedSteps } from '../model/playbook.ts';
import { parsePattern, type Pattern } from '../pattern/parse.ts';

type Compiled = { readonly trigger: Pattern; readonly targets: Pattern };

/** The patterns of a playbook's head, parsed. Throws `InvalidInput` with the path inside the pattern. */
export const compilePlaybook = (playbook: Playbook): Compiled => ({
  trigger: parsePattern(playbook.on),
  targets: parsePattern(playbook.targets),
});

/** Every pattern of a playbook with the path where it stands. */
export const patternsOf = (playbook: Playbook): readonly (readonly [path: string, source: JsonObject])[] => [
  ['on', playbook.on],
  ['targets', playbook.targets],
  ...placedSteps(playbook).flatMap(({ step, path }) =>
    (
      [
        [`${path}.when`, step.when],
        [`${path}.approve.when`, step.approve?.when],
        [`${path}.approve.unless`, step.approve?.unless],
      ] as const
    ).flatMap(([path, source]) => (source ? [[path, source] as const] : [])),
  ),
];
