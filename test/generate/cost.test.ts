import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { costPage, loads } from '../../shared/generate/cost.ts';
import {
  alarms,
  event,
  type Line,
  month,
  place,
  remediation,
  standing,
  sum,
  used,
} from '../../shared/generate/cost-model.ts';
import { prices } from '../../shared/generate/prices.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { type Deployed, deployBicep } from '../support/bicep-deploy.ts';
import { usedBy } from '../support/remediation-count.ts';
import { courses } from '../support/round-trips.ts';

const { text } = costPage();
/** Tables of the page: rows of dollars up to a sum that is in bold. */
const addedUp = (section: string): { readonly parts: number; readonly total: number } => {
  const dollars = [...section.matchAll(/\| (\*\*)?\$([\d.]+)(?:\*\*)? \|$/gm)];
  const [last] = dollars.splice(-1);
  return { parts: dollars.reduce((total, [, , value]) => total + Number(value), 0), total: Number(last?.[2]) };
};

describe.each(['aws', 'azure'] as const)('the cost on %s', (cloud) => {
  it('is the sum of its lines, and each line is its count at its price', () => {
    for (const lines of [remediation(cloud), event(cloud), standing(cloud), place(cloud)]) {
      for (const { count, price, dollars } of lines) expect(dollars).toBeCloseTo(count * prices[price].dollars, 12);
      expect(sum(lines)).toBeCloseTo(
        lines.map((one: Line) => one.dollars).reduce((a, b) => a + b, 0),
        12,
      );
    }
    for (const load of loads) {
      const { parts, dollars } = month(cloud, load);
      expect(dollars).toBeCloseTo(sum(parts), 9);
      expect(dollars).toBeCloseTo(
        sum(standing(cloud)) +
          load.events * sum(event(cloud)) +
          load.remediations * sum(remediation(cloud)) +
          load.accounts * (cloud === 'aws' ? load.regions : 1) * sum(place(cloud)),
        9,
      );
    }
  });

  it('is at most a tenth of a cent for one more remediation', () => {
    expect(sum(remediation(cloud))).toBeGreaterThan(0);
    expect(sum(remediation(cloud))).toBeLessThanOrEqual(0.001);
  });
});

it('adds up on the page as it is printed', () => {
  const sections = text.split('### ').filter((section) => /^(One|A month)/.test(section));
  expect(sections).toHaveLength(8);
  for (const section of sections) {
    const { parts, total } = addedUp(section);
    expect(total).toBeGreaterThan(0);
    expect(Math.abs(parts - total)).toBeLessThanOrEqual(/^One (event|remediation)/.test(section) ? 1e-6 : 0.05);
  }
});

describe('alarms', () => {
  const folder = new URL('../../functions/', import.meta.url);
  const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
  const onAws = (path: string): number => [...read(path).matchAll(/Type: AWS::CloudWatch::Alarm\n/g)].length;
  const bicep = (name: string, params: JsonObject): readonly Deployed[] =>
    deployBicep({ name, params, read: (file) => read(`azure/deploy/${file}`) }).resources;
  /** Each comparison of a metric is paid for. */
  const compared = (resources: readonly Deployed[]): number =>
    resources
      .filter(({ type }) => type === 'Microsoft.Insights/metricAlerts')
      .flatMap(({ body }) => [...JSON.stringify(body).matchAll(/"metricName":/g)]).length;

  it('on AWS are as many as the templates of the home and of a forwarder make', () => {
    expect({ home: onAws('aws/deploy/alarms.yml'), place: onAws('aws/deploy/forwarder.yml') }).toEqual(alarms.aws);
    expect(readFileSync(new URL('../serverless.yml', folder), 'utf8')).not.toContain('AWS::CloudWatch::Alarm');
  });

  it('on Azure are as many as the Bicep of the home and of a subscription makes', () => {
    const home = bicep('app.bicep', {
      ...{ stage: 'production', enforce: true, alertEmails: ['a@example.com'] },
      ...{ defenderPrincipalId: 'defender', apiAudience: 'api' },
    });
    const there = { name: 'one', group: 'group' };
    const source = bicep('subscription.bicep', {
      ...{ stage: 'production', location: 'westeurope', eventHubId: '/hub', actionGroupId: '/people' },
      ...{ readerPrincipalId: 'reader', topicsThere: { changes: there, policies: there } },
    });
    const queries = home.filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules').length;
    expect({ queries, home: compared(home), subscription: compared(source) }).toEqual(alarms.azure);
    expect(source.filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules')).toEqual([]);
  });
});

it.each([
  ['aws', 'IAM key'],
  ['azure', 'NSG port'],
] as const)('counts on %s what a run of the sandbox really uses', async (cloud, name) => {
  const course = courses.find((one) => one.name === name);
  expect(course).toBeDefined();
  if (!course) return;
  const counted = await usedBy(course);
  for (const [what, count] of Object.entries(used[cloud])) {
    const real = counted[what as keyof typeof counted]; // the same words
    expect(Math.abs(real - count) / count, `${what}: ${real} and not ${count}`).toBeLessThanOrEqual(0.2);
  }
});

it('says of every price where it is from, and when it was looked up', () => {
  for (const [name, { source, read }] of Object.entries(prices)) {
    expect(source).toMatch(/^https:\/\/(aws\.amazon|azure\.microsoft)\.com\//);
    expect(read).toMatch(/^(from memory|\d{4}-\d{2}-\d{2})$/);
    expect(text).toContain(`| \`${name}\` |`);
  }
});
