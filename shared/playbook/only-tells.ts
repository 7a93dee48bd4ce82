import { tellPerson } from '../action/portable.ts';
import { type Playbook, placedSteps } from '../model/playbook.ts';

/** Whether a playbook acts on nothing and asks nothing of its target: whatever became of that, people are told. */
export const onlyTells = (playbook: Pick<Playbook, 'steps' | 'finally'>): boolean =>
  placedSteps(playbook).every(
    ({ step: { action, when, approve, forEach } }) =>
      action === tellPerson && [when, approve, forEach].every((one) => one === undefined),
  );
