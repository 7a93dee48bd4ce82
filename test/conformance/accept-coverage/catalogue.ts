import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { severities, type Severity } from '../../../shared/model/finding.ts';
import { type Case, type Families, kindsOf } from './case.ts';
import { defenderFamilies } from './defender-events.ts';
import { guardDutyFamilies } from './guardduty-events.ts';

/** A case with the section of the page that it stands in. */
export type Listed = Case & { readonly section: string; readonly usual: boolean };

const GuardDuty = z.object({
  findingTypes: z.array(
    z.object({
      type: z.string(),
      protectionPlan: z.string().nullable(),
      defaultSeverity: z.string().nullable(),
      status: z.string(),
    }),
  ),
});
const Defender = z.object({
  alerts: z.array(
    z.object({
      alertType: z.string().nullable(),
      title: z.string(),
      plan: z.string(),
      severity: z.string().nullable(),
      status: z.string(),
    }),
  ),
});

/** The highest that is named; Medium where the vendor gives none, or calls it variable. */
function severityIn(text: string | null): Severity {
  const named = severities.filter((one) => (text ?? '').split(/[^A-Za-z]+/).includes(one));
  return named.at(-1) ?? 'Medium';
}

const each = (families: Families, { about: _, ...one }: Omit<Listed, 'usual'>): readonly Listed[] =>
  (one.identified ? kindsOf(families, one.type) : ['virtual machine']).map((about, at) => ({
    ...one,
    about,
    usual: at === 0,
  }));

/** Every active type of GuardDuty and every listed alert of Defender, with each kind of resource that it is about. */
export async function listedIn(folder: URL): Promise<readonly Listed[]> {
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(new URL(name, folder), 'utf8'));
  const { findingTypes } = GuardDuty.parse(await read('guardduty-finding-types.json'));
  const { alerts } = Defender.parse(await read('defender-alert-types.json'));
  const findings = findingTypes
    .filter(({ status }) => status === 'active')
    .flatMap(({ type, protectionPlan, defaultSeverity }) => {
      const severity = severityIn(defaultSeverity);
      const section = protectionPlan ?? 'Foundational';
      return each(guardDutyFamilies, { from: 'guardduty', type, identified: true, severity, about: '', section });
    });
  const listed = alerts
    .filter(({ status }) => status === 'listed')
    .flatMap(({ alertType, title, plan, severity: rated }) => {
      const named = { type: alertType ?? title, identified: alertType !== null, severity: severityIn(rated) };
      return each(defenderFamilies, { from: 'defender', ...named, about: '', section: plan });
    });
  return [...findings, ...listed];
}
