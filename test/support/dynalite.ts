import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { deployed } from './deployment.ts';

/** How an SDK client reaches it. */
export type Local = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};
export type Dynalite = {
  readonly local: Local;
  /** Makes the table of serverless.yml under another name. */
  createTable(name: string): Promise<void>;
  stop(): Promise<void>;
};

const instantly = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };

/** A DynamoDB in this process, on a free port of the loopback interface. */
export async function startDynalite(): Promise<Dynalite> {
  const dynalite: (options: object) => Server = createRequire(import.meta.url)('dynalite'); // it brings no types
  const server = dynalite(instantly);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const local: Local = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials };
  const client = new DynamoDBClient(local);
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = deployed('Records');
  const shape = { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
  return {
    local,
    async createTable(TableName) {
      const input = { TableName, ...shape } as CreateTableCommandInput; // dynalite refuses any other shape
      await client.send(new CreateTableCommand(input));
      const status = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
      while ((await status()) !== 'ACTIVE');
    },
    stop: () =>
      new Promise((resolve) => {
        client.destroy();
        server.close(() => resolve());
      }),
  };
}
