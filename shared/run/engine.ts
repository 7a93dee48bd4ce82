import { rememberEvidence } from '../records/remember-evidence.ts';
import type { RunDeps } from './deps.ts';
import { road } from './program.ts';
import type { Engine } from './turn.ts';
import { worksOf } from './works.ts';

/** The engine that carries runs along the road. */
export const engineOf = (deps: RunDeps): Engine => ({
  records: deps.records,
  clock: deps.clock,
  works: worksOf({ ...deps, evidence: rememberEvidence(deps.evidence) }),
  program: road,
  admission: { bound: deps.settings.running, ...(deps.starter && { starter: deps.starter }) },
});
