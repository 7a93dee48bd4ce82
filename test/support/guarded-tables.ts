import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { own } from '../../shared/model/json.ts';
import type { Resource } from './cloud-formation.ts';
import { loopback } from './loopback.ts';
import { allowedBy, home, type Use } from './stack-rights.ts';

const key = z.looseObject({ pk: z.looseObject({ S: z.string() }) });
/** What a call on a table says of itself. */
const Asked = z.looseObject({
  TableName: z.string(),
  IndexName: z.string().optional(),
  Key: key.optional(),
  Item: key.optional(),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()).default({}),
});

/** The partition that a call is about: what is put or read, or what a query of the table itself names first. */
const partitionOf = ({ Key, Item, ExpressionAttributeValues }: z.output<typeof Asked>): string =>
  (Key ?? Item)?.pk.S ?? String(own(Object.values(ExpressionAttributeValues)[0], 'S') ?? '');

/**
 * Tables that let nobody do what his role in the stack does not allow (docs.aws.amazon.com/amazondynamodb, "Using IAM
 * policy conditions for fine-grained access control"); behind them a DynamoDB that asks nobody. `roleOf` finds the role
 * of a session by its access key.
 */
export async function guardedTables(endpoint: string, roleOf: (accessKeyId: string) => Resource | undefined) {
  const refused: string[] = [];
  const allowed = new Map<string, (use: Use) => boolean>();
  const mayDo = (accessKeyId: string, use: Use): boolean => {
    const one = allowed.get(accessKeyId) ?? allowedBy(roleOf(accessKeyId));
    allowed.set(accessKeyId, one);
    return one(use);
  };
  const { host, close } = await loopback(async (request, response) => {
    const body = await text(request);
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const target = String(request.headers['x-amz-target']);
    const [, accessKeyId = ''] = /Credential=(\w+)\//.exec(authorization) ?? [];
    const asked = Asked.parse(JSON.parse(body));
    const table = `arn:aws:dynamodb:eu-west-1:${home}:table/${asked.TableName}`;
    const on = asked.IndexName === undefined ? table : `${table}/index/${asked.IndexName}`;
    const context = { 'dynamodb:LeadingKeys': [partitionOf(asked)] };
    const action = `dynamodb:${target.split('.')[1]}`;
    if (!mayDo(accessKeyId, { action, on, context })) {
      refused.push(`${action} on ${on} of ${partitionOf(asked)}`);
      response.writeHead(400, { 'content-type': type });
      return void response.end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException' }));
    }
    const headers = { authorization, 'content-type': type, 'x-amz-target': target };
    const dated = { ...headers, 'x-amz-date': String(request.headers['x-amz-date']) };
    const answer = await fetch(endpoint, { method: 'POST', headers: dated, body });
    response.writeHead(answer.status, { 'content-type': type });
    response.end(await answer.text());
  });
  return { endpoint: `http://${host}`, refused, close };
}
