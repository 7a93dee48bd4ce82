import { expect, test } from 'vitest';
import { northwind } from '../../functions/local/desk.ts';
import { sandboxClouds } from '../../functions/local/wire.ts';
import { inScope } from '../../shared/config/settings.ts';
import { facts } from '../../shared/model/facts.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { Target } from '../../shared/model/target.ts';
import { eventNames, readEvent } from '../support/events.ts';
import { openPort } from '../support/road.ts';

const readings = eventNames.map((name) => normalise(readEvent(name)).reading);
const findings = [
  ...readings.flatMap((reading) => (reading.kind === 'findings' ? reading.findings : [])),
  openPort().finding,
];

test('inspection adds what the model says and nothing else, so that templates can be checked before they run', async () => {
  const { sandbox, settings, identities } = await northwind();
  const clouds = sandboxClouds(sandbox, settings, identities);
  const { signal } = new AbortController();
  const seen = new Set<Target['type']>();
  const unknown: string[] = [];
  for (const finding of findings.filter(({ account }) => inScope(settings, account)))
    for (const target of finding.resources.filter(({ account }) => account === finding.account)) {
      const place = { cloud: finding.cloud, account: finding.account, region: finding.region } as const;
      const session = await clouds.session({ ...place, rights: 'reader', runId: 'a'.repeat(26), signal });
      const found = await clouds.inspect(session, target);
      if (!found) continue;
      seen.add(target.type);
      const known = ['tags', ...Object.keys(target), ...Object.keys(facts[target.type].shape)];
      unknown.push(
        ...Object.keys(found)
          .filter((name) => !known.includes(name))
          .map((name) => `${target.type} ${name}`),
      );
    }
  expect(unknown).toEqual([]);
  expect([...seen].sort()).toEqual(
    expect.arrayContaining([
      'aws.ec2.instance',
      'aws.iam.access-key',
      'aws.iam.role-session',
      'aws.s3.bucket',
      'azure.compute.virtual-machine',
    ]),
  );
});
