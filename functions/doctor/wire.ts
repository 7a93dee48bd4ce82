import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { fromEnvironment, secretsBy } from '../../shared/adapters/system/secrets.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Environment } from '../environment.ts';

/** Secrets by reference with the credentials of this machine, as the functions of both clouds read them. */
export function realSecrets(environment: Environment): Secrets {
  const aws = async () => {
    const { awsSecrets } = await import('../../shared/adapters/aws/secrets.ts');
    return awsSecrets({ region: environment['AWS_REGION'] ?? 'us-east-1' });
  };
  return secretsBy(
    {
      env: fromEnvironment(environment),
      ssm: async (name) => (await aws()).ssm(name),
      secretsmanager: async (name) => (await aws()).secretsmanager(name),
      async keyvault(name) {
        const [{ vaultSecrets }, { DefaultAzureCredential }] = await Promise.all([
          import('../../shared/adapters/azure/secrets.ts'),
          import('@azure/identity'),
        ]);
        return vaultSecrets({ credential: new DefaultAzureCredential() })(name);
      },
    },
    systemClock,
  );
}

/** The records of a deployment, where `CORDON_RECORDS` names them as its functions have it; undefined otherwise. */
export async function deployedRecords(environment: Environment): Promise<Records | undefined> {
  const [, kind, name = ''] = /^(dynamodb|tables):(.+)$/.exec(environment['CORDON_RECORDS'] ?? '') ?? [];
  const ids = { token: randomUUID };
  if (kind === 'dynamodb')
    return (await import('../../shared/adapters/aws/records.ts')).dynamoRecords({ table: name, ids });
  if (kind !== 'tables') return undefined;
  const [account = '', table = ''] = name.split('/');
  const [{ tablesRecords }, { DefaultAzureCredential }] = await Promise.all([
    import('../../shared/adapters/azure/records.ts'),
    import('@azure/identity'),
  ]);
  const endpoint = `https://${account}.table.core.windows.net`;
  return tablesRecords({ endpoint, table, credential: new DefaultAzureCredential(), ids, client: {} });
}
