import type { Catalogue } from '../../shared/action/catalogue.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Examined } from './examined.ts';
import { examineHeard } from './heard.ts';
import { needsOf } from './needs.ts';
import { examineSecrets } from './secrets.ts';
import { examineSettings } from './settings.ts';

/** A deployment as the doctor meets it. */
export type Patient = {
  readonly settings: Settings;
  readonly playbooks: readonly Playbook[];
  readonly actions: Catalogue;
  readonly clouds: Clouds;
  readonly records: Records;
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** As `CORDON_SIGNING_KEYS` names them. */
  readonly signingKeys: string | undefined;
  /** Regions of AWS in which sources are looked for. */
  readonly regions: readonly [string, ...string[]];
};

/** One part of the examination: what it is about, and how it is done. */
type Part = { readonly about: string; readonly examine: () => Promise<readonly Examined[]> };

async function partsOf(patient: Patient): Promise<readonly Part[]> {
  const { settings, playbooks, clouds, regions } = patient;
  const needs = await needsOf(playbooks, patient.actions, settings);
  const accounts = Object.keys(settings.aws.accounts).map(
    (account): Part => ({
      about: `AWS account ${account}`,
      async examine() {
        const { examineAccount } = await import('./aws/account.ts');
        return examineAccount({ clouds, settings, account, regions, needed: needs.aws.read });
      },
    }),
  );
  const subscriptions = settings.azure.subscriptions.map(
    (subscription): Part => ({
      about: `subscription ${subscription}`,
      async examine() {
        const { examineSubscription } = await import('./azure/subscription.ts');
        return examineSubscription({ clouds, settings, subscription, needed: needs.azure });
      },
    }),
  );
  return [
    { about: 'settings', examine: async () => examineSettings(settings, playbooks) },
    { about: 'secrets', examine: () => examineSecrets(settings, patient.secrets, patient.signingKeys) },
    ...accounts,
    ...subscriptions,
    { about: 'events', examine: () => examineHeard(patient) },
  ];
}

/** Examines a deployment part by part; `hear` is told what is looked at. Changes nothing. */
export async function examine(
  patient: Patient,
  hear: (about: string, at: number, of: number) => void = () => undefined,
): Promise<readonly Examined[]> {
  const parts = await partsOf(patient);
  const all: Examined[] = [];
  for (const [at, { about, examine: look }] of parts.entries()) {
    hear(about, at + 1, parts.length);
    all.push(...(await look()));
  }
  return all;
}
