import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { grantRole } from '../../../functions/local/rights.ts';
import { asJson, type Json, own } from '../../../shared/model/json.ts';
import type { Clouds } from '../../../shared/ports/clouds.ts';
import { company, production, security } from '../../support/company.ts';
import { type Difference, differences } from './compare.ts';
import type { Moto } from './moto.ts';
import { memberNames, runId } from './names.ts';
import { autoScalingProbes } from './probes/auto-scaling.ts';
import { ec2Probes } from './probes/ec2.ts';
import { eksProbes } from './probes/eks.ts';
import { iamProbes } from './probes/iam.ts';
import { iamGivenProbes } from './probes/iam-given.ts';
import { instanceProfileProbes } from './probes/instance-profiles.ts';
import { lambdaProbes } from './probes/lambda.ts';
import { loggingProbes } from './probes/logging.ts';
import { networkAclProbes } from './probes/network-acls.ts';
import { rdsProbes } from './probes/rds.ts';
import { s3Probes } from './probes/s3.ts';
import { sharingProbes } from './probes/sharing.ts';
import { ssoProbes } from './probes/sso.ts';
import type { Asking, IdOf, Probe } from './probe.ts';
import { seedMoto } from './seed.ts';

/** Those that take an instance's role away go before those that terminate it. */
const inProduction = [
  ...[...iamProbes, ...iamGivenProbes, ...networkAclProbes, ...instanceProfileProbes, ...sharingProbes, ...ec2Probes],
  ...[...autoScalingProbes, ...s3Probes, ...lambdaProbes, ...rdsProbes, ...loggingProbes, ...eksProbes],
];

const suites = [
  { account: production, region: 'eu-west-1', probes: inProduction },
  { account: security, region: 'us-east-1', probes: ssoProbes },
] as const;

const status = (of: unknown): number => Number(own(own(of, '$metadata'), 'httpStatusCode') ?? 0);

/** What the SDK makes of an answer: status, and the names of its members or the error's code and class. */
async function spelt({ ask, values }: Probe, aws: Asking): Promise<Json> {
  try {
    const answer = await ask(aws);
    if (values) return asJson(answer);
    return { status: status(answer), members: Object.fromEntries(memberNames(answer).map((name) => [name, 'there'])) };
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return { status: status(thrown), code: thrown.name, class: thrown.constructor.name };
  }
}

async function speak(clouds: Clouds, id: IdOf): Promise<ReadonlyMap<string, Json>> {
  const answers = new Map<string, Json>();
  for (const { account, region, probes } of suites) {
    const signal = AbortSignal.timeout(120_000);
    const session = await clouds.session({ cloud: 'aws', account, region, rights: 'writer', runId, signal });
    const { client } = session as AwsSession; // asked of the AWS adapter
    for (const probe of probes) answers.set(probe.name, await spelt(probe, { client, id }));
  }
  return answers;
}

const onSandbox = (): Promise<ReadonlyMap<string, Json>> => {
  const { sandbox, clouds } = company();
  for (const { account } of suites) grantRole(sandbox, account, 'CordonWriter', [{ allow: '*', on: '*' }], {});
  return speak(clouds, (ours) => ours);
};

async function onMoto(moto: Moto): Promise<ReadonlyMap<string, Json>> {
  const clouds = await moto.fresh();
  const ids = await seedMoto(clouds, company().sandbox.rows, [production, security], 'eu-west-1');
  return speak(clouds, (ours) => ids.get(ours) ?? ours);
}

/** What a probe came to. */
export type Probed = {
  readonly name: string;
  readonly found: readonly Difference[];
  /** How many members moto answers that the sandbox leaves out, because no action reads them. */
  readonly leftOut: number;
};

/** Where only one side answers, its members tell nothing; a member that only moto has is counted, not listed. */
function probed(name: string, moto: Json, sandbox: Json): Probed {
  const all = differences(name, moto, sandbox);
  const parted = all.some(({ at }) => at === '/status');
  const member = ({ at }: Difference): boolean => at.startsWith('/members');
  const leftOut = (one: Difference): boolean => member(one) && one.sandbox === '-';
  const found = all.filter((one) => (parted ? !member(one) : !leftOut(one)));
  return { name, found, leftOut: parted ? 0 : all.filter(leftOut).length };
}

/** Asks both clouds everything and tells, probe by probe, where their answers are spelt differently. */
export async function compareWire(moto: Moto): Promise<readonly Probed[]> {
  const [theirs, ours] = [await onMoto(moto), await onSandbox()];
  return [...ours].map(([name, answer]) => probed(name, theirs.get(name) ?? null, answer));
}
