import type { Catalogue } from '../../shared/action/catalogue.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import type { Examiner } from '../../shared/ports/examiner.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Examined } from '../../shared/model/examined.ts';
import type { AzureHome } from './azure/home-parts.ts';
import { examineHeard, lastHeld } from './heard.ts';
import { needsOf } from './needs.ts';
import { type Patience, patienceWithin } from './patience.ts';
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
  /** What stands around the functions, where that can be seen from here. */
  readonly home?: (patience: Patience) => Promise<readonly Examined[]>;
  /** The ARN of the bus that member accounts forward their events to, where home is AWS. */
  readonly homeBus?: string;
  /** The function app that events of subscriptions come to, where home is Azure. */
  readonly homeApp?: AzureHome;
  /** Whether whoever examines may have the writer; what answers people never has one on AWS, and runs show that it works. */
  readonly writers: 'here' | 'elsewhere';
};

/** One part of the examination: what it is about, and how it is done. */
type Part = { readonly about: string; readonly examine: () => Promise<readonly Examined[]> };

function partsOf(patient: Patient, patience: Patience): readonly Part[] {
  const { settings, playbooks, clouds, regions, writers, home } = patient;
  const needs = () => needsOf(playbooks, patient.actions, settings);
  const accounts = Object.keys(settings.aws.accounts).map(
    (account): Part => ({
      about: `AWS account ${account}`,
      async examine() {
        const { examineAccount } = await import('./aws/account.ts');
        const { read: needed } = (await needs()).aws;
        const held = writers === 'elsewhere' ? await lastHeld(patient, account) : undefined;
        const writer = writers === 'here' ? ({ at: 'here' } as const) : ({ at: 'elsewhere', held } as const);
        const bus = patient.homeBus === undefined ? {} : { homeBus: patient.homeBus };
        return examineAccount({ clouds, settings, account, regions, needed, patience, writer, ...bus });
      },
    }),
  );
  const subscriptions = settings.azure.subscriptions.map(
    (subscription): Part => ({
      about: `subscription ${subscription}`,
      async examine() {
        const { examineSubscription } = await import('./azure/subscription.ts');
        const { azure: needed } = await needs();
        const app = patient.homeApp === undefined ? {} : { home: patient.homeApp };
        return examineSubscription({ clouds, settings, subscription, needed, patience, ...app });
      },
    }),
  );
  return [
    { about: 'settings', examine: async () => examineSettings(settings, playbooks) },
    { about: 'secrets', examine: () => examineSecrets(settings, patient.secrets, patient.signingKeys) },
    ...(home ? [{ about: 'home', examine: () => home(patience) }] : []),
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
  const parts = partsOf(patient, patienceWithin());
  const all: Examined[] = [];
  for (const [at, { about, examine: look }] of parts.entries()) {
    hear(about, at + 1, parts.length);
    all.push(...(await look()));
  }
  return all;
}

/** The same, for whoever asks for one part after the other: each in the time that one request has. */
export const examinerOf = (patient: () => Promise<Patient>): Examiner => ({
  parts: async () => partsOf(await patient(), patienceWithin()).map(({ about }) => about),
  async examine(part, signal) {
    const parts = partsOf(await patient(), patienceWithin(signal));
    return parts.find(({ about }) => about === part)?.examine();
  },
});
