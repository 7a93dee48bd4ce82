import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetPolicyCommand,
  LambdaClient,
  ListAliasesCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { readStatement } from '../../../../shared/actions/aws/lambda-permission.ts';
import { own } from '../../../../shared/model/json.ts';
import { type Probe, probesOf } from '../probe.ts';

const FunctionName = 'resize-images';
const nowhere = 'no-such-function';
const checkout = 'checkout';
const partner = {
  StatementId: 'partner',
  Action: 'lambda:InvokeFunction',
  Principal: 's3.amazonaws.com',
  SourceArn: 'arn:aws:s3:::northwind-uploads',
  SourceAccount: '111122223333',
};

const lambda = probesOf('lambda', LambdaClient);

/** The statements of a policy, in the words of AddPermission. */
async function statements(client: LambdaClient, name: string): Promise<object> {
  const { Policy = '{}' } = await client.send(new GetPolicyCommand({ FunctionName: name }));
  const listed = own(JSON.parse(Policy), 'Statement');
  const all: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return Object.fromEntries(all.map((one) => [String(own(one, 'Sid')), readStatement(one)]));
}

const reserved: readonly Probe[] = [
  lambda('GetFunctionConcurrency of none', (client) =>
    client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
  ),
  lambda('GetFunctionConcurrency of an unknown function', (client) =>
    client.send(new GetFunctionConcurrencyCommand({ FunctionName: nowhere })),
  ),
  lambda('PutFunctionConcurrency', (client) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName: checkout, ReservedConcurrentExecutions: 0 })),
  ),
  lambda('PutFunctionConcurrency of an unknown function', (client) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName: nowhere, ReservedConcurrentExecutions: 0 })),
  ),
  lambda(
    'GetFunctionConcurrency of nothing reserved',
    async (client) => {
      const { ReservedConcurrentExecutions: kept = null } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName: checkout }),
      );
      return { kept };
    },
    true,
  ),
  lambda('DeleteFunctionConcurrency', (client) =>
    client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: checkout })),
  ),
  lambda('DeleteFunctionConcurrency of none', (client) =>
    client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: checkout })),
  ),
];

const policies: readonly Probe[] = [
  lambda('ListTags', (client) =>
    client.send(new ListTagsCommand({ Resource: `arn:aws:lambda:eu-west-1:111122223333:function:${FunctionName}` })),
  ),
  lambda('ListAliases', (client) => client.send(new ListAliasesCommand({ FunctionName }))),
  lambda('ListAliases of an unknown function', (client) =>
    client.send(new ListAliasesCommand({ FunctionName: nowhere })),
  ),
  lambda('GetPolicy', (client) => statements(client, FunctionName), true),
  lambda('GetPolicy of none', (client) => client.send(new GetPolicyCommand({ FunctionName: checkout }))),
  lambda('GetPolicy of an unknown function', (client) => client.send(new GetPolicyCommand({ FunctionName: nowhere }))),
  lambda('AddPermission', (client) => client.send(new AddPermissionCommand({ FunctionName: checkout, ...partner }))),
  lambda('GetPolicy of what was added', (client) => statements(client, checkout), true),
  lambda('AddPermission twice', (client) =>
    client.send(new AddPermissionCommand({ FunctionName: checkout, ...partner })),
  ),
  lambda('RemovePermission', (client) =>
    client.send(new RemovePermissionCommand({ FunctionName: checkout, StatementId: 'partner' })),
  ),
  lambda('RemovePermission of an unknown statement', (client) =>
    client.send(new RemovePermissionCommand({ FunctionName, StatementId: 'unknown' })),
  ),
  lambda('GetPolicy of what was removed', (client) => client.send(new GetPolicyCommand({ FunctionName: checkout }))),
];

const urls: readonly Probe[] = [
  lambda('CreateFunctionUrlConfig', (client) =>
    client.send(new CreateFunctionUrlConfigCommand({ FunctionName: checkout, AuthType: 'NONE' })),
  ),
  lambda('CreateFunctionUrlConfig twice', (client) =>
    client.send(new CreateFunctionUrlConfigCommand({ FunctionName: checkout, AuthType: 'NONE' })),
  ),
  lambda('UpdateFunctionUrlConfig', (client) =>
    client.send(new UpdateFunctionUrlConfigCommand({ FunctionName: checkout, AuthType: 'AWS_IAM' })),
  ),
  lambda('UpdateFunctionUrlConfig of none', (client) =>
    client.send(new UpdateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM' })),
  ),
  lambda('UpdateFunctionUrlConfig of an unknown function', (client) =>
    client.send(new UpdateFunctionUrlConfigCommand({ FunctionName: nowhere, AuthType: 'AWS_IAM' })),
  ),
];

/** Lambda. Some change what later ones see. */
export const lambdaProbes: readonly Probe[] = [...reserved, ...policies, ...urls];
