import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import type { RunState } from '../../shared/model/run.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { receive } from '../../shared/run/receive.ts';
import { production, tenant, writerPrincipal } from './company.ts';
import { findingIn } from './events.ts';
import { carryOn, type Road, road, stateOf } from './road.ts';

/** One attack on the company: what the attacker does, what is seen of it, and what no longer works afterwards. */
export type Attack = {
  /** What the attacker does, as the README's table says it. */
  readonly title: string;
  /** Where the technique is known from: `Stratus Red Team aws.exfiltration.ec2-share-ami`, `GuardDuty tester`. */
  readonly known: string;
  /** What Cordon does, as the README's table says it. */
  readonly answer: string;
  readonly clouds: readonly ('aws' | 'azure')[];
  /** A playbook of playbooks/opt-in that is loaded beside the shipped ones. */
  readonly optIn?: string;
  play(stage: Stage): Promise<void>;
};

/** Where an attack is played: the company with Cordon beside it, and every shipped playbook loaded. */
export type Stage = Road & {
  /** A call of the attacker's that succeeds. Boolean answers are taken as they are, a promise as whether it holds. */
  works(what: string, call: () => unknown): Promise<void>;
  /** The same call, by its name, refused now. */
  fails(what: string): Promise<void>;
  /** An event as its provider sends it; the runs that it opens go on until they end, or wait for a person. */
  arrives(event: JsonObject): Promise<readonly RunState[]>;
  /** A second person agrees to whatever waits; the runs go on. */
  agreed(): Promise<readonly RunState[]>;
};

const folder = new URL('../../playbooks', import.meta.url);
const files = await loadPlaybooks([fileURLToPath(folder)]);
const shipped = playbookSet(usable(files));

/** The shipped playbooks, and one of those that a company chooses. */
async function withOptIn(name: string): Promise<PlaybookSet> {
  const chosen = await loadPlaybooks([fileURLToPath(new URL(`../../playbooks/opt-in/${name}.yaml`, import.meta.url))]);
  return playbookSet(usable([...files, ...chosen]));
}
const requester = { kind: 'event', id: 'queue' } as const;

/** Whether a call of the attacker's got through. */
async function through(call: () => unknown): Promise<boolean> {
  try {
    return (await call()) !== false;
  } catch {
    return false;
  }
}

/** The company with Cordon knowing its own identities and where its people sign in. */
function company(): Road {
  const identityProviders = [{ arn: `arn:aws:iam::${production}:saml-provider/NorthwindEntra`, tenant }];
  const plain = road({ identityProviders });
  const azure = { ...plain.deps.settings.azure, identities: [writerPrincipal] };
  return { ...plain, deps: { ...plain.deps, settings: { ...plain.deps.settings, azure } } };
}

/** Plays one attack, and makes sure that something of it worked before and nothing of that afterwards. */
export async function play(attack: Attack): Promise<void> {
  const one = company();
  const playbooks = attack.optIn === undefined ? shipped : await withOptIn(attack.optIn);
  const calls = new Map<string, () => unknown>();
  const runs: string[] = [];
  let refused = 0;
  const states = (ids: readonly string[]) => Promise.all(ids.map((id) => stateOf(one, id)));
  await attack.play({
    ...one,
    async works(what, call) {
      calls.set(what, call);
      expect(await through(call), `works: ${what}`).toBe(true);
    },
    async fails(what) {
      const call = calls.get(what);
      if (!call) throw new Error(`nothing called "${what}" has worked before`);
      refused += 1;
      expect(await through(call), `fails: ${what}`).toBe(false);
    },
    async arrives(event) {
      const before = runs.length;
      makeKnown(one.sandbox, findingIn(event), event);
      const starter = { start: async (runId: string) => void runs.push(runId) };
      await receive({ ...one.deps, starter }, playbooks, event, requester);
      const opened = [...new Set(runs.slice(before))];
      for (const runId of opened) await carryOn(one, runId);
      return states(opened);
    },
    async agreed() {
      const waiting = await openApprovals(one.deps);
      const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
      for (const { id, digest } of waiting) await answer(one.deps, id, digest, yes);
      const all = [...new Set(runs)];
      for (const runId of all) await carryOn(one, runId);
      return states(all);
    },
  });
  expect(refused, 'an attack has to be seen failing').toBeGreaterThan(0);
}

/** Every attack there is, by the name of its file. */
export async function allAttacks(): Promise<readonly (readonly [name: string, attack: Attack])[]> {
  const place = new URL('../scenario/attacks/', import.meta.url);
  const names = readdirSync(place)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const { attack } = (await import(new URL(`${name}.ts`, place).href)) as { attack: Attack }; // the type checker reads these files itself
      return [name, attack] as const;
    }),
  );
}
