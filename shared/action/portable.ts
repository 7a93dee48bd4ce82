import type { JsonObject } from '../model/json.ts';
import type { TargetType } from '../model/target.ts';

/** What playbooks may ask for without naming a cloud, with the title people read. */
export const portableVerbs = {
  'isolate-compute': 'Cut a machine off the network',
  'revoke-identity': 'End what an identity is signed in with',
  'close-port': 'Close an inbound port',
  'block-address': 'Block addresses',
  'quarantine-object': 'Move a stored object into quarantine',
  'block-public-storage': 'Shut strangers out of stored data',
  'keep-evidence': 'Keep a copy of a machine’s disks',
  'isolate-workload': 'Cut a workload of a cluster off the network',
  'restrict-service': 'Stop a function or a web app from being called',
  'restrict-database': 'Shut strangers out of a database',
} as const;
export type PortableVerb = keyof typeof portableVerbs;

/** What a step asks for where no action does it: people are told, those whom `approve` names are asked, and nothing is changed. */
export const tellPerson = 'tell-person';

export const isPortable = (action: string): action is PortableVerb => Object.hasOwn(portableVerbs, action);

/** That an action is what a verb means for its kind of target. */
export type Portable = {
  readonly verb: PortableVerb;
  /** Event pattern over the target, where another action of the verb takes targets of the same type. */
  readonly where?: JsonObject;
  /** Its inputs out of the target: `{ instanceId: '${target.instanceId}' }`. */
  readonly with: Readonly<Record<string, string>>;
};

/** The same as the catalogue knows it: enough to choose an action without loading any. */
export type PortableEntry = Pick<Portable, 'verb' | 'where'> & { readonly target: TargetType };
