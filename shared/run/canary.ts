import { InvalidInput } from '../model/error.ts';
import { comparable, parseArmId, parseArn } from '../model/identifiers.ts';
import { isObject, type JsonObject, own } from '../model/json.ts';
import { Target } from '../model/target.ts';
import { targetNamed } from '../model/target-named.ts';
import type { RunDeps } from './deps.ts';

/** The tag that makes a resource a canary, whatever its value. */
export const canaryTag = 'cordon-canary';

const wrong = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });

/** Where a canary is, where its id does not say. */
export type Whereabouts = { readonly account?: string; readonly region?: string };

/** What an ARN names, as far as drills know its kind. */
function ofArn(text: string): JsonObject | undefined {
  const arn = parseArn(text);
  if (!arn) return undefined;
  const { service, account, region, resource } = arn;
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  const place = { account, region };
  if (service === 'iam' && resource.startsWith('user/'))
    return { ...place, type: 'aws.iam.user', id: text, name, userName: name };
  if (service === 's3' && !resource.includes('/')) return { type: 'aws.s3.bucket', id: text, name, bucket: name };
  const named = service === 'ec2' ? targetNamed(name) : undefined;
  return named && { ...named, ...place };
}

/** A canary by its id: an ARN, an access key, `i-…`, `sg-…`, or an ARM id. Throws `InvalidInput`. */
export function canaryNamed(text: string, { account, region }: Whereabouts): Target {
  const key = /^AKIA[A-Z2-7]{16}$/.test(text) || /^AKIA[A-Z0-9]{16}$/.test(text);
  const found = key
    ? { type: 'aws.iam.access-key', id: text, name: text, accessKeyId: text }
    : (ofArn(text) ?? targetNamed(text));
  if (!found)
    throw wrong(
      'no-such-canary',
      `${text} is nothing that can be drilled`,
      'Give an ARN, an access key, i-…, sg-… or an ARM id.',
    );
  const place = {
    account: account ?? parseArmId(text)?.subscription ?? own(found, 'account') ?? '',
    region: region ?? own(found, 'region') ?? '',
  };
  const target = Target.safeParse({
    role: 'affected',
    ...found,
    ...place,
    ...(own(found, 'type') === 'aws.ec2.instance' && { interfaces: [] }),
  });
  if (target.success && target.data.account !== '') return target.data;
  throw wrong(
    'no-such-canary',
    `it is not clear where ${text} is`,
    'Say its account, and its region where it has one.',
  );
}

/** How a canary is known to be one: by the settings, which nobody else writes, or by a tag. */
export type Standing = 'named' | 'tagged';
export type Canary = { readonly target: Target; readonly standing: Standing };

/** Reads the target as it stands, with what inspection adds. Throws `InvalidInput` unless it is a canary. */
export async function checkCanary(
  { clouds, settings }: Pick<RunDeps, 'clouds' | 'settings'>,
  target: Target,
  signal: AbortSignal,
): Promise<Canary> {
  const cloud = target.type.startsWith('azure.') ? 'azure' : 'aws';
  const { account } = target;
  const region = target.region || 'us-east-1';
  const session = await clouds.session({ cloud, account, region, rights: 'reader', runId: 'drill', signal });
  const facts = await clouds.inspect(session, target);
  if (!facts) throw wrong('no-such-canary', `there is no ${target.id}`, 'Make it first.');
  const known = Target.safeParse({ ...target, ...facts });
  const whole = known.success ? known.data : target;
  const named = settings.drills.canaries.some((id) => comparable(id) === comparable(target.id));
  if (named) return { target: whole, standing: 'named' };
  const tags = own(facts, 'tags');
  if (isObject(tags) && own(tags, canaryTag) !== undefined) return { target: whole, standing: 'tagged' };
  throw wrong(
    'not-a-canary',
    `${target.id} is no canary: it has no tag ${canaryTag}`,
    'Tag it (an access key: its user), or name its id under drills.canaries. Never drill what somebody uses.',
  );
}
