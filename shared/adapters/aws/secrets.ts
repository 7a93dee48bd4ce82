import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsCode, awsFault } from '../../actions/aws/fault.ts';
import type { ReadSecret } from '../system/secrets.ts';
import type { Credentials } from './sessions.ts';

type Options = {
  readonly region: string;
  /** The SDK's own chain when left out. */
  readonly credentials?: () => Promise<Credentials>;
  readonly requestHandler?: object;
};

/** Under this name Parameter Store gives secrets of Secrets Manager (docs.aws.amazon.com/systems-manager, "Referencing Secrets Manager secrets"). */
const secretsManagerPath = '/aws/reference/secretsmanager/';

/** Parameters of SSM Parameter Store, decrypted, and secrets of Secrets Manager through it. */
export function awsSecrets({ region, ...options }: Options): Readonly<Record<'ssm' | 'secretsmanager', ReadSecret>> {
  const get: ReadSecret = async (Name) => {
    const client = new SSMClient({ region, maxAttempts: 1, ...options });
    try {
      const command = new GetParameterCommand({ Name, WithDecryption: true });
      const { Parameter } = await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
      return Parameter?.Value?.trim();
    } catch (thrown) {
      if (['ParameterNotFound', 'ParameterVersionNotFound'].includes(awsCode(thrown))) return undefined;
      throw awsFault(thrown);
    } finally {
      client.destroy();
    }
  };
  return { ssm: get, secretsmanager: (id) => get(`${secretsManagerPath}${id}`) };
}
