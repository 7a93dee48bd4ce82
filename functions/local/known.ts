import type { Finding } from '../../shared/model/finding.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

/** Makes a finding known to the simulated provider, as it is in life before its event is sent. */
export function makeKnown(_sandbox: Sandbox, _finding: Finding, _event: Json): void {
  throw new Error('not yet');
}
