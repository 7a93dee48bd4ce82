import { grantRole } from '../../../functions/local/rights.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { asJson, type Json } from '../../../shared/model/json.ts';
import { Target } from '../../../shared/model/target.ts';
import type { Clouds } from '../../../shared/ports/clouds.ts';
import { company, production } from '../../support/company.ts';
import { eventNames, readEvent } from '../../support/events.ts';
import { type Difference, differences } from './compare.ts';
import type { Moto } from './moto.ts';
import { inverted, plain, rename, runId } from './names.ts';
import { seedMoto } from './seed.ts';

type Compared = { readonly name: string; readonly found: readonly Difference[] };

/** What the findings of the fixtures are about in production, each once. */
function targets(): readonly Target[] {
  const all = eventNames
    .filter((name) => name.startsWith('guardduty/'))
    .map((name) => normalise(readEvent(name)).reading)
    .flatMap((reading) => (reading.kind === 'findings' ? reading.findings : []))
    .flatMap(({ resources }) => resources)
    .filter(({ type, account }) => type.startsWith('aws.') && account === production);
  return [...new Map(all.map((target) => [`${target.type} ${target.name}`, target])).values()];
}

/** The facts of a target as the adapter reads them. */
async function factsOf(clouds: Clouds, target: Target, ids: ReadonlyMap<string, string>): Promise<Json> {
  const { account, region } = target;
  const signal = AbortSignal.timeout(60_000);
  const place = { cloud: 'aws', account, region: region || 'eu-west-1', rights: 'reader', runId, signal } as const;
  const named = Target.parse(rename(asJson(target), ids));
  return plain(asJson(await clouds.inspect(await clouds.session(place), named)), inverted(ids));
}

/** What guards are told of every target, read on both clouds, and where that differs. */
export async function compareFacts(moto: Moto): Promise<readonly Compared[]> {
  const { sandbox, clouds } = company();
  grantRole(sandbox, production, 'CordonReader', [{ allow: '*', on: '*' }], {});
  const fresh = await moto.fresh();
  const ids = await seedMoto(fresh, sandbox.rows, [production], 'eu-west-1');
  const own = new Map([...ids.keys()].map((id) => [id, id]));
  const compared: Compared[] = [];
  for (const target of targets()) {
    const name = `facts of ${target.type} ${target.name}`;
    const failed = (thrown: unknown): Json => ({ failed: messageOf(thrown) });
    const theirs = await factsOf(fresh, target, ids).catch(failed);
    compared.push({ name, found: differences(name, theirs, await factsOf(clouds, target, own)) });
  }
  return compared;
}
