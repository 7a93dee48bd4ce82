import type { AwsClient, AwsSession } from '../../shared/actions/aws/aws-action.ts';
import type { AzureSession } from '../../shared/actions/azure/azure-action.ts';
import type { Command } from '../../shared/model/command.ts';
import { type Json, own } from '../../shared/model/json.ts';
import type { Session } from '../../shared/ports/clouds.ts';
import { clusters } from '../../shared/sandbox/kubernetes/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type Company, writerPrincipal } from './company.ts';

type Sender = { send(command: object): Promise<object> };
type Sdk = Readonly<Record<string, new (...args: readonly unknown[]) => object>>;
type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

const sdks: Readonly<Record<string, () => Promise<unknown>>> = {
  AutoScaling: () => import('@aws-sdk/client-auto-scaling'),
  CloudTrail: () => import('@aws-sdk/client-cloudtrail'),
  ConfigService: () => import('@aws-sdk/client-config-service'),
  EC2: () => import('@aws-sdk/client-ec2'),
  GuardDuty: () => import('@aws-sdk/client-guardduty'),
  IAM: () => import('@aws-sdk/client-iam'),
  Lambda: () => import('@aws-sdk/client-lambda'),
  RDS: () => import('@aws-sdk/client-rds'),
  S3: () => import('@aws-sdk/client-s3'),
  SSOAdmin: () => import('@aws-sdk/client-sso-admin'),
};

/** What earlier commands have given, by the mark that stands for it. */
type Values = Map<string, string>;
const filled = (text: string, values: Values): string =>
  [...values].reduce((all, [mark, value]) => all.replaceAll(mark, value), text);

/** The AWS CLI's `--query`, as far as our commands use it: a path. */
const queried = (answer: unknown, query: string): string =>
  String(query.split('.').reduce((value: unknown, key) => own(value, key), answer));

/** As the printed lines say: a call that finds it done already has nothing to do. */
const unlessSo = (thrown: unknown): object => {
  if (thrown instanceof Error && /Duplicate|NotFound|NoSuch/.test(thrown.name)) return {};
  throw thrown;
};

async function callAws({ clock }: Sandbox, writer: AwsSession, command: Of<'aws'>, values: Values): Promise<void> {
  const { service, operation, input, gives, until, account, region } = command;
  const sdk = (await sdks[service]?.()) as Sdk | undefined; // modules of the SDK export clients and commands by name
  const [Client, Call] = [sdk?.[`${service}Client`], sdk?.[`${operation}Command`]];
  if (!Client || !Call) throw new Error(`no SDK client for ${service}:${operation}`);
  const session = await writer.elsewhere({ account, region });
  const client = session.client(Client as unknown as AwsClient<Sender>); // a client by its name
  const wish: Json = JSON.parse(filled(JSON.stringify(input), values));
  const answer = await client.send(new Call(wish)).catch(unlessSo);
  if (gives) values.set(gives.mark, queried(answer, gives.query));
  if (until) clock.advance(120);
}

async function callAzure({ sandbox }: Company, command: Of<'azure'>, values: Values): Promise<void> {
  const url = new URL(filled(command.url, values));
  const audience = url.host.endsWith('.core.windows.net') ? 'https://storage.azure.com' : `https://${url.host}`;
  const { token } = await sandbox.credential(writerPrincipal).getToken(`${audience}/.default`);
  const headers = Object.entries(command.headers).map(([name, value]) => [name, filled(value, values)]);
  const { status, body } = await sandbox.handle({
    method: command.method,
    url,
    headers: { ...Object.fromEntries(headers), authorization: `Bearer ${token}` },
    body: Buffer.from(filled(command.body, values)),
  });
  // as above: a copy back is refused where undeleting has brought the blob back already
  if (status >= 400 && status !== 404 && status !== 409)
    throw new Error(`${command.method} ${url.pathname}: ${status} ${Buffer.from(body).toString()}`);
  sandbox.clock.advance(30);
}

const patchTypes: Readonly<Record<string, string>> = { PATCH: 'application/merge-patch+json' };

/** As kubectl does it, with the rights of the writer. */
async function callCluster({ sandbox }: Company, writer: Session, command: Of<'kubernetes'>): Promise<void> {
  const [server] = sandbox.rows
    .all(clusters)
    .flatMap(([, { id, name, host }]) => ([id, name].includes(command.cluster) ? [`https://${host}`] : []));
  const { method, path, body } = command;
  const cluster = (writer as AwsSession | AzureSession).kubernetes(command.cluster, {
    server: server ?? '',
    certificateAuthority: '',
  }); // sessions of both clouds have it
  const headers = { 'content-type': patchTypes[method] ?? 'application/json' };
  const { status, body: answer } = await cluster.send({ method, path, headers, body }, AbortSignal.timeout(5_000));
  if (status >= 400 && status !== 404 && status !== 409) throw new Error(`${method} ${path}: ${status} ${answer}`);
}

/** Makes the calls of commands one after the other, as a person would: with an SDK client, or as plain requests. */
export async function followed(playing: Company, writer: Session, commands: readonly Command[]): Promise<void> {
  const values: Values = new Map();
  for (const command of commands)
    switch (command.kind) {
      case 'aws':
        await callAws(playing.sandbox, writer as AwsSession, command, values); // AWS commands come from an AWS session
        break;
      case 'azure':
        await callAzure(playing, command, values);
        break;
      case 'kubernetes':
        await callCluster(playing, writer, command);
        break;
      case 'azure-token': {
        const { token } = await playing.sandbox.credential(writerPrincipal).getToken(`${command.audience}/.default`);
        values.set(command.gives.mark, token);
        break;
      }
      case 'wait':
        playing.sandbox.clock.advance(command.seconds);
    }
}
