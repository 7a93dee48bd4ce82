import type { Command, Given, StepCommands } from '../model/command.ts';
import { inert } from './style.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** Control and direction characters as JSON escapes: the text stays the same JSON and cannot rule a terminal. */
const visible = (json: string): string =>
  json.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** A word for a POSIX shell that stands for exactly this text, but for the marks, which become variables. */
export function shellWord(text: string, given: readonly Given[] = []): string {
  const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
  return given.reduce((word, { mark, variable }) => word.replaceAll(mark, `'"$${variable}"'`), quoted);
}

/** A name of the API as the AWS CLI spells it (botocore, `xform_name`). */
export const kebab = (name: string): string =>
  name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** Services whose command has another name than the SDK's client in lower case. */
const services: Readonly<Record<string, string>> = {
  S3: 's3api',
  S3Control: 's3control',
  SSOAdmin: 'sso-admin',
  SecretsManager: 'secretsmanager',
  NetworkFirewall: 'network-firewall',
  ElasticLoadBalancingV2: 'elbv2',
  CognitoIdentityProvider: 'cognito-idp',
  CloudWatchLogs: 'logs',
  CloudWatchEvents: 'events',
  EventBridge: 'events',
  SFN: 'stepfunctions',
  CloudWatch: 'cloudwatch',
};

const assigned = (gives: Given | undefined, line: string, query: string): string =>
  gives ? `${gives.variable}=$(${line} ${query})` : line;

type Call = Pick<Of<'aws'>, 'service' | 'operation' | 'input' | 'region'>;

function awsCall({ service, operation, input, region }: Call, given: readonly Given[]): string {
  const command = `aws ${services[service] ?? service.toLowerCase()} ${kebab(operation)}`;
  return `${command} --region ${shellWord(region)} --cli-input-json ${shellWord(visible(JSON.stringify(input)), given)}`;
}

function awsLines(command: Of<'aws'>, given: readonly Given[]): string[] {
  const { gives, until } = command;
  const line = awsCall(command, given);
  const read = until && `${awsCall({ ...command, ...until }, given)} --query ${shellWord(until.query)} --output text`;
  const waiting = until ? [`until [ "$(${read})" = ${until.is} ]; do sleep 5; done`] : [];
  const query = `--query ${shellWord(gives?.query ?? '')} --output text`;
  return [assigned(gives, line, query), ...waiting];
}

/** `az rest` finds the audience of ARM and Graph by itself, and asks for that of others. */
function azLines({ method, url, headers, body }: Of<'azure'>, given: readonly Given[]): string[] {
  const { host, pathname } = new URL(url);
  const storage = host.endsWith('.core.windows.net') ? ` --resource 'https://storage.azure.com'` : '';
  const pairs = Object.entries(headers).map(([name, value]) => shellWord(`${name}=${visible(value)}`, given));
  const heads = pairs.length > 0 ? ` --headers ${pairs.join(' ')}` : '';
  const sent = body === '' ? '' : ` --body ${shellWord(visible(body), given)}`;
  const line = `az rest --method ${method.toLowerCase()} --url ${shellWord(url, given)}${storage}${heads}${sent}`;
  const isArm = host.startsWith('management.');
  if (!isArm || !['PUT', 'PATCH', 'DELETE'].includes(method)) return [line];
  return [
    line,
    `az resource wait --${method === 'DELETE' ? 'deleted' : 'updated'} --ids ${shellWord(decodeURIComponent(pathname))}`,
  ];
}

const clusterNames = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i;

/** How kubectl gets at a cluster: into a file of its own, so that nobody's usual one is changed. */
function intoCluster({ cluster, region }: Of<'kubernetes'>): string {
  const [, subscription = '', group = '', name = ''] = clusterNames.exec(cluster) ?? [];
  const login =
    name === ''
      ? `aws eks update-kubeconfig --region ${shellWord(region)} --name ${shellWord(cluster)} --kubeconfig "$KUBECONFIG"`
      : `az aks get-credentials --subscription ${shellWord(subscription)} --resource-group ${shellWord(group)} --name ${shellWord(name)} --file "$KUBECONFIG" --overwrite-existing`;
  return `export KUBECONFIG="$PWD/cordon.kubeconfig" && ${login}`;
}

/** A request to an API server; a patch names its object, because kubectl has no raw one. */
function kubectlLines(command: Of<'kubernetes'>): string[] {
  const { method, path, body } = command;
  const [namespace = '', noun = '', name = ''] = (path.split('/namespaces/')[1] ?? '').split('/');
  const sent = shellWord(visible(body));
  const line: Readonly<Record<string, string>> = {
    PATCH: `kubectl patch ${noun} ${shellWord(name)} --namespace ${shellWord(namespace)} --type merge --patch ${sent}`,
    DELETE: `kubectl delete --raw ${shellWord(path)}`,
    POST: `printf '%s' ${sent} | kubectl create --raw ${shellWord(path)} -f -`,
    PUT: `printf '%s' ${sent} | kubectl replace --raw ${shellWord(path)} -f -`,
  };
  return [intoCluster(command), line[method] ?? `# ${method} ${path}`];
}

function linesOf(command: Command, given: readonly Given[]): string[] {
  switch (command.kind) {
    case 'aws':
      return awsLines(command, given);
    case 'azure':
      return azLines(command, given);
    case 'kubernetes':
      return kubectlLines(command);
    case 'azure-token': {
      const { audience, gives } = command;
      return [
        assigned(
          gives,
          `az account get-access-token --resource ${shellWord(audience)}`,
          `--query ${gives.query} --output tsv`,
        ),
      ];
    }
    case 'wait':
      return [`sleep ${command.seconds}`];
  }
}

function stepLines({ step, title, cloud, account, region, commands, without }: StepCommands): string[] {
  const where = `${cloud === 'aws' ? `AWS account ${account}` : `Azure subscription ${account}`}${region && `, ${region}`}`;
  const head = [`# ${inert(step)}: ${inert(title)}`, `# ${inert(where)}`];
  if (without !== undefined) return [...head, `# ${without}`];
  const given = commands.flatMap((command) => ('gives' in command && command.gives ? [command.gives] : []));
  let at = account;
  const lines = commands.flatMap((command) => {
    const moved = command.kind === 'aws' && command.account !== at;
    if (moved) at = command.account;
    return [...(moved ? [`# AWS account ${command.account}, ${command.region}`] : []), ...linesOf(command, given)];
  });
  // a step works in one cluster: it is entered once
  return [
    ...head,
    ...lines.filter((line, place) => !line.startsWith('export KUBECONFIG=') || lines.indexOf(line) === place),
  ];
}

/** A plan as lines for a POSIX shell, with the AWS CLI and the Azure CLI. */
export const commandLines = (steps: readonly StepCommands[]): string[] => [
  '# Cordon has changed nothing. These are the calls its plan would make, in this order.',
  '# One that answers that it is so already (Duplicate, NotFound, 404, 409) has nothing to do; stop at any other failure.',
  '# Run each step with rights of your own in the account it names (AWS_PROFILE, az login).',
  ...steps.flatMap((step) => ['', ...stepLines(step)]),
];
