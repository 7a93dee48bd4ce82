import { ListBucketsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { ListInstancesCommand, SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { awsFault } from '../../../shared/actions/aws/fault.ts';
import { type Settings, stageMode } from '../../../shared/config/settings.ts';
import type { Clouds, Rights, Session } from '../../../shared/ports/clouds.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { type Lines, linesOf } from '../examined.ts';
import type { Held } from '../heard.ts';
import type { Patience } from '../patience.ts';
import { attempt, isDenied, said } from './asking.ts';
import { forwarderLines } from './forwarders.ts';
import type { Things } from './read.ts';
import { reads } from './reads.ts';
import { detectorIn, sourceLines, unseen } from './sources.ts';

/** One member account, and what is asked of it. */
export type AwsExam = {
  readonly clouds: Pick<Clouds, 'session'>;
  readonly settings: Settings;
  readonly account: string;
  /** Where sources are looked for; other reads are tried in the first. */
  readonly regions: readonly [string, ...string[]];
  /** The reads that playbooks and reconciliation need. */
  readonly needed: readonly string[];
  readonly patience: Patience;
  /** The bus that events are forwarded to, where it is known. */
  readonly homeBus?: string;
  /** Whether the writer is to be had from here; where it is not, the last run that had it. */
  readonly writer: { readonly at: 'here' } | { readonly at: 'elsewhere'; readonly held: Held | undefined };
};

const asAws = (session: Session): AwsSession => {
  if (session.cloud === 'aws') return session as AwsSession; // only awsSessions makes them
  throw new TypeError('not an AWS session');
};

async function open(
  { clouds, account, patience, regions: [region] }: AwsExam,
  rights: Rights,
  at = region,
): Promise<AwsSession> {
  const place = { cloud: 'aws', account, region: at, rights } as const;
  return asAws(await clouds.session({ ...place, runId: 'doctor', signal: patience() }));
}

/** Whether the session is in the account and the role that the settings name. */
async function isWho({ patience }: AwsExam, { ok, missing }: Lines, aws: AwsSession, role: string): Promise<Examined> {
  const { Account, Arn = '' } = await aws
    .client(STSClient)
    .send(new GetCallerIdentityCommand(), { abortSignal: patience() });
  if (Account === aws.account && Arn.includes(`:assumed-role/${role}/`)) return ok(`${role} can be assumed`);
  return missing(`${role} leads to ${Arn} and not to account ${aws.account}`, 'Correct aws.accounts.');
}

const deploy =
  'Deploy the member roles here with the external id of the settings; they let in whom ReaderRoles and WriterRoles name, and the doctor where it runs as one of those.';
const signIn = 'Sign in to AWS on this machine, as one whom those roles let in, and ask again.';

const unassumed = (lines: Lines, role: string, thrown: unknown): Examined =>
  lines.missing(`${role} cannot be assumed: ${said(thrown)}`, isDenied(thrown) ? deploy : signIn, 'sts:AssumeRole');

/** Whoever answers people has no writer, in whatever stage: that runs have it shows in what they have done. */
function writerElsewhere({ account, settings }: AwsExam, lines: Lines, held: Held | undefined): Examined {
  const { writerRole } = settings.aws;
  if (held) return lines.ok(`runs can assume ${writerRole}: run ${held.run} ended at ${held.at} with a change made`);
  return lines.warning(
    `whether runs can assume ${writerRole} has not been shown in 14 days: no run has changed anything in ${account}`,
    'Drill a canary there: `cordon drill`.',
  );
}

/** Writers exist where the stage changes things and for whoever carries runs, and nowhere else. */
async function writerLine(exam: AwsExam, lines: Lines): Promise<Examined> {
  const { settings, writer } = exam;
  const { writerRole } = settings.aws;
  const enforcing = stageMode(settings) === 'enforce';
  const wanted = enforcing && writer.at === 'here';
  try {
    const aws = await open(exam, 'writer');
    if (wanted) return await isWho(exam, lines, aws, writerRole);
    const reason = enforcing ? 'by what answers people' : `though stage ${settings.stage} changes nothing`;
    return lines.missing(
      `${writerRole} can be assumed, ${reason}`,
      enforcing
        ? 'Take sts:AssumeRole on it from the role of on-request.'
        : 'Take sts:AssumeRole on it from the roles of this stage: staging is held by rights, not by words.',
      'sts:AssumeRole',
    );
  } catch (thrown) {
    if (wanted) return unassumed(lines, writerRole, thrown);
    if (!isDenied(thrown))
      return lines.warning(`whether ${writerRole} can be assumed is not known: ${said(thrown)}`, signIn);
    if (enforcing && writer.at === 'elsewhere') return writerElsewhere(exam, lines, writer.held);
    return lines.ok(`${writerRole} is out of reach, as it must be in this stage`);
  }
}

/** Buckets to try reads on: in the session's own region, because others answer with a redirect. */
async function someBuckets({ patience }: AwsExam, aws: AwsSession): Promise<readonly string[]> {
  const command = new ListBucketsCommand({ BucketRegion: aws.region, MaxBuckets: 5 });
  const { Buckets = [] } = await aws.client(S3Client).send(command, { abortSignal: patience() });
  return Buckets.flatMap(({ Name }) => (Name === undefined ? [] : [Name]));
}

/** An object in one of some buckets; none where they are empty or may not be looked into, which another line says. */
async function someObject(
  { patience }: AwsExam,
  aws: AwsSession,
  buckets: readonly string[],
): Promise<Things['object']> {
  for (const bucket of buckets) {
    const command = new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 20 });
    const listed = await aws
      .client(S3Client)
      .send(command, { abortSignal: patience() })
      .catch((thrown: unknown) => {
        if (isDenied(awsFault(thrown))) return undefined;
        throw thrown;
      });
    const key = listed?.Versions?.find(({ IsLatest }) => IsLatest)?.Key;
    if (key !== undefined) return { bucket, key };
  }
  return undefined;
}

/** What is there to try reads on; a right that the looking itself lacks is told by the line of the read that needed it. */
async function thingsIn(exam: AwsExam, aws: AwsSession): Promise<{ things: Things; unseen: readonly unknown[] }> {
  const { patience } = exam;
  const hubCall = () => aws.client(SecurityHubClient).send(new DescribeHubCommand({}), { abortSignal: patience() });
  const [listed, detectorId, hub] = await Promise.allSettled([
    someBuckets(exam, aws),
    detectorIn(aws, patience),
    hubCall(),
  ]);
  const instance = await identityCenterIn(exam);
  const buckets = listed.status === 'fulfilled' ? listed.value : [];
  const object = await someObject(exam, aws, buckets);
  const { quarantineBucket: quarantine } = exam.settings.aws;
  return {
    things: {
      buckets,
      ...(object && { object }),
      ...(quarantine && { quarantine }),
      ...(detectorId.status === 'fulfilled' && detectorId.value !== undefined && { detectorId: detectorId.value }),
      ...(hub.status === 'fulfilled' && { hub: true as const }),
      ...(instance && { instance }),
    },
    unseen: listed.status === 'rejected' ? [listed.reason] : [],
  };
}

/** Identity Center's instance, where it lives in this account. */
async function identityCenterIn(exam: AwsExam): Promise<Things['instance']> {
  const { identityCenter } = exam.settings.aws;
  if (identityCenter?.account !== exam.account) return undefined;
  try {
    const aws = await open(exam, 'reader', identityCenter.region);
    const { Instances = [] } = await aws
      .client(SSOAdminClient)
      .send(new ListInstancesCommand({}), { abortSignal: exam.patience() });
    const [{ InstanceArn: arn, IdentityStoreId: store } = {}] = Instances;
    return arn && store ? { arn, store } : undefined;
  } catch (thrown) {
    if (isDenied(awsFault(thrown))) return undefined; // the line of sso:ListInstances says it
    throw thrown;
  }
}

const ofIdentityCenter = (right: string): boolean => /^(sso|identitystore):/.test(right);

/** One right, by the call that needs it. */
async function rightLine(
  { patience }: AwsExam,
  aws: AwsSession,
  right: string,
  things: Things,
  lines: Lines,
): Promise<Examined | 'untried' | undefined> {
  const call = reads[right]?.(aws, things);
  if (!call) return 'untried';
  const tried = await attempt(() => call(patience()));
  if (tried === 'worked') return undefined;
  const { quarantine } = things;
  const shut =
    right === 's3:ListBucket' && quarantine ? ` Its role must also be let into the policy of ${quarantine.name}.` : '';
  if (tried === 'denied')
    return lines.missing(
      `${right} is refused`,
      `Grant ${right} to the reader; \`cordon policy\` prints all of it.${shut}`,
      right,
    );
  if (tried.remedy !== undefined) return lines.missing(tried.problem, tried.remedy, right);
  return lines.warning(`${right} could not be tried: ${tried.problem}`, 'Ask again.', right);
}

/** Every read that is needed, tried; one line for those that work, and one for each that does not. */
async function rightLines(exam: AwsExam, aws: AwsSession, lines: Lines): Promise<readonly Examined[]> {
  const { settings, account, needed } = exam;
  const { identityCenter } = settings.aws;
  const isHome = identityCenter?.account === account;
  const { things, unseen: blind } = await thingsIn(exam, aws);
  const tried = needed.filter((right) => isHome || !ofIdentityCenter(right));
  const center = isHome && identityCenter ? await open(exam, 'reader', identityCenter.region) : aws;
  const wrong: Examined[] = [];
  const untried: string[] = [];
  const late: string[] = [];
  for (const right of tried) {
    if (exam.patience().aborted) {
      late.push(right);
      continue;
    }
    const line = await rightLine(exam, ofIdentityCenter(right) ? center : aws, right, things, lines);
    if (line === 'untried') untried.push(right);
    else if (line) wrong.push(line);
  }
  const works = tried.length - wrong.length - untried.length - late.length;
  const aside = untried.length > 0 ? `; there is nothing here to try ${untried.join(', ')} on` : '';
  return [
    ...(works > 0
      ? [lines.ok(`${works} of ${tried.length} reads that playbooks and reconciliation need work${aside}`)]
      : []),
    ...wrong,
    ...(late.length > 0
      ? [lines.warning(`there was no time to try ${late.length} reads`, 'Ask for this part alone.')]
      : []),
    ...blind.map((thrown) => unseen(lines, 'Buckets to try reads on', thrown, ['s3:ListAllMyBuckets'])),
  ];
}

/** What the reader sees. */
async function readerLines(exam: AwsExam, aws: AwsSession, lines: Lines): Promise<readonly Examined[]> {
  const who = await isWho(exam, lines, aws, exam.settings.aws.readerRole);
  if (who.mark !== 'ok') return [who];
  const sources: Examined[] = [];
  for (const region of exam.regions) {
    const there = await aws.elsewhere({ region });
    sources.push(...(await sourceLines(there, lines, exam.patience)));
    if (exam.homeBus !== undefined) sources.push(...(await forwarderLines(there, exam.homeBus, lines, exam.patience)));
  }
  return [who, ...(await rightLines(exam, aws, lines)), ...sources];
}

/** One member account: its roles, its reads, its sources. */
export async function examineAccount(exam: AwsExam): Promise<readonly Examined[]> {
  const lines = linesOf(`aws ${exam.account}`);
  const { readerRole } = exam.settings.aws;
  const reader = await open(exam, 'reader').catch((thrown: unknown) => unassumed(lines, readerRole, thrown));
  const broken = (thrown: unknown): readonly Examined[] => [
    lines.warning(`the examination broke off: ${said(awsFault(thrown))}`, 'Ask again.'),
  ];
  const seen = 'mark' in reader ? [reader] : await readerLines(exam, reader, lines).catch(broken);
  return [...seen, await writerLine(exam, lines)];
}
