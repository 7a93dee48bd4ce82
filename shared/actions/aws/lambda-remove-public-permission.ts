import {
  AddPermissionCommand,
  GetPolicyCommand,
  LambdaClient,
  paginateListAliases,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { CordonError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { FunctionName, onFunction, onQualified, placeOf, Qualifier, spellPlace } from './lambda-grants.ts';
import { letsEverybodyIn, Permission, readStatement, Unusual } from './lambda-permission.ts';

const absent = ['ResourceNotFound'];

/** Names of the aliases, each of which may have a policy of its own; undefined where there is no such function. */
const listAliases = (aws: AwsSession, FunctionName: string, abortSignal: AbortSignal) =>
  unlessAbsent(absent, async () => {
    const pages = paginateListAliases({ client: aws.client(LambdaClient) }, { FunctionName }, { abortSignal });
    return (await Array.fromAsync(pages)).flatMap(({ Aliases = [] }) => Aliases.flatMap(({ Name = [] }) => Name));
  });

/** The statements of one policy by `place/Sid`; a function or an alias without any has none. */
async function statementsAt(aws: AwsSession, place: string, abortSignal: AbortSignal) {
  const command = new GetPolicyCommand(placeOf(place));
  const found = await unlessAbsent(absent, () => aws.client(LambdaClient).send(command, { abortSignal }));
  const listed = found?.Policy === undefined ? [] : own(JSON.parse(found.Policy), 'Statement');
  const statements: readonly unknown[] = Array.isArray(listed) ? listed : [listed];
  return statements.map((one, at) => [`${place}/${own(one, 'Sid') ?? `#${at}`}`, readStatement(one)] as const);
}

const goes = (resource: string, statementId: string | undefined, value: Permission | z.infer<typeof Unusual>) =>
  statementId === undefined ? letsEverybodyIn(value) : resource.endsWith(`/${statementId}`);

/**
 * Takes statements out of a function's policy that let strangers call it (docs.aws.amazon.com/lambda, RemovePermission):
 * all that let anybody in, or the one that is named. Each is a change of its own, and AddPermission writes it again as it
 * was.
 */
export const lambdaRemovePublicPermission = awsAction({
  id: 'aws.lambda.remove-public-permission',
  title: 'Take a permission away by which strangers call a Lambda function',
  target: 'aws.lambda.function',
  d3fend: 'D3-NRAM',
  input: z.strictObject({
    functionName: FunctionName.describe('The function, by name.'),
    qualifier: z
      .union([Qualifier, z.literal('')])
      .optional()
      .describe(
        'The alias or version whose policy is meant, empty for the function itself; by default that and those of all its aliases.',
      ),
    statementId: z
      .string()
      .regex(/^[\w-]{1,100}$/, 'a statement id has letters, digits, - and _ only')
      .optional()
      .describe(
        'The one statement to take away, whomever it lets in; by default every statement that lets anybody in.',
      ),
  }),
  value: z.union([Permission, Unusual]),
  permissions: {
    read: [...onFunction('ListAliases', 'GetPolicy'), ...onQualified('GetPolicy')],
    write: [...onFunction('RemovePermission', 'AddPermission'), ...onQualified('RemovePermission', 'AddPermission')],
  },
  settles: { seconds: 10 },
  cautions: [
    'Whoever has the right by a policy of his own in this account still calls it.',
    'A function URL is a way of its own: use aws.lambda.lock-function-url.',
    'A statement that AddPermission could not write again is left, and said.',
  ],
  examples: [
    { functionName: 'invoices' },
    { functionName: 'invoices', qualifier: 'live', statementId: 'partner-access' },
  ],
}).does({
  async capture(aws, { functionName, qualifier }, { signal }) {
    const aliases = await listAliases(aws, functionName, signal);
    if (!aliases) return {};
    const places = qualifier === undefined ? ['', ...aliases] : [qualifier];
    const found = await Promise.all(places.map((one) => statementsAt(aws, spellPlace(functionName, one), signal)));
    return { [functionName]: null, ...Object.fromEntries(found.flat()) };
  },
  plan({ functionName, statementId }, seen) {
    const leaving = Object.entries(seen).filter(([resource, value]) => value && goes(resource, statementId, value));
    const unusual = leaving.find(([, value]) => value && 'statement' in value);
    if (unusual)
      throw new CordonError({
        code: 'permission-unusual',
        message: `statement ${unusual[0]} of ${functionName} could not be written again as it is`,
        remedy: 'Take it out by hand with PutResourcePolicy, and keep a copy of the policy.',
      });
    return Object.fromEntries(leaving.map(([resource]) => [resource, null]));
  },
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const client = aws.client(LambdaClient);
    const [place = '', StatementId = ''] = resource.split('/');
    const statement = { ...placeOf(place), StatementId };
    if (to === null) {
      const command = new RemovePermissionCommand(statement);
      await unlessAbsent(absent, () => client.send(command, { abortSignal }));
      return;
    }
    if ('statement' in to) return;
    const command = new AddPermissionCommand({
      ...statement,
      Action: to.action,
      Principal: to.principal,
      SourceArn: to.sourceArn,
      SourceAccount: to.sourceAccount,
      PrincipalOrgID: to.organization,
      FunctionUrlAuthType: to.urlAuthType,
      EventSourceToken: to.eventSourceToken,
      ...(to.viaUrl !== undefined && { InvokedViaFunctionUrl: to.viaUrl === 'true' }),
    });
    await client.send(command, { abortSignal });
  },
});
