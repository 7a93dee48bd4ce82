import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { readStatement } from '../../../shared/actions/aws/lambda-permission.ts';
import { type AliasRow, type FunctionRow, functions, permissionsOf } from '../../../shared/sandbox/aws/lambda-rows.ts';
import { rowsOf, type Seeding } from './seeding.ts';

/** A zip file with nothing in it: moto does not run it. */
const code = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);

type Place = { readonly FunctionName: string; readonly Qualifier?: string };

async function seedPermissions(to: Seeding, place: Place, qualified: string): Promise<void> {
  for (const statement of permissionsOf(to.rows, qualified)) {
    const asked = readStatement(statement);
    if ('statement' in asked) throw new Error(`${qualified}: AddPermission cannot write ${asked.statement}`);
    await to.client(LambdaClient).send(
      new AddPermissionCommand({
        ...place,
        StatementId: statement.Sid,
        Principal: asked.principal,
        Action: asked.action,
        SourceArn: asked.sourceArn,
        SourceAccount: asked.sourceAccount,
        FunctionUrlAuthType: asked.urlAuthType,
      }),
    );
  }
}

/** What stands at the function itself, whose name is '', or at one of its aliases, all of which lead to version 1. */
async function seedAlias(to: Seeding, { name: FunctionName, arn }: FunctionRow, name: string, alias: AliasRow) {
  const lambda = to.client(LambdaClient);
  const place = { FunctionName, ...(name !== '' && { Qualifier: name }) };
  if (name !== '') await lambda.send(new CreateAliasCommand({ FunctionName, Name: name, FunctionVersion: '1' }));
  await seedPermissions(to, place, name === '' ? arn : `${arn}:${name}`);
  if (alias.url) await lambda.send(new CreateFunctionUrlConfigCommand({ ...place, AuthType: alias.url.authType }));
}

async function seedFunction(to: Seeding, row: FunctionRow): Promise<void> {
  const lambda = to.client(LambdaClient);
  const { name: FunctionName, roleArn: Role, tags: Tags, reserved, aliases } = row;
  const made = { FunctionName, Role, Tags, Runtime: 'python3.13', Handler: 'index.handler', Publish: true } as const;
  await lambda.send(new CreateFunctionCommand({ ...made, Code: { ZipFile: code } }));
  for (const [name, alias] of Object.entries(aliases)) await seedAlias(to, row, name, alias);
  if (reserved === undefined) return;
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }));
}

/**
 * Lambda functions with their aliases, policies, URLs and what is reserved for them. Their roles must be there already.
 * Provisioned concurrency is left out: moto does not model it.
 */
export async function seedLambda(to: Seeding): Promise<void> {
  for (const row of rowsOf(to, functions)) await seedFunction(to, row);
}
