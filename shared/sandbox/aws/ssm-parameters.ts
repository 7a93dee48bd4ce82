import type * as ssm from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type ParameterRow = { readonly value: string; readonly secure: boolean };

/** Keyed by ARN. */
export const parameters = table<ParameterRow>('aws.ssm.parameters');

/** The ARN of a parameter has one slash between the word and the name, however the name begins. */
const arnOf = (partition: string, region: string, account: string, name: string): string =>
  `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;

const operations = operationsOf<typeof ssm>()({
  GetParameter: {
    reads: true,
    on: ({ Name = '*' }, { partition, region, account }) => arnOf(partition, region, account, Name),
    does({ Name = '', WithDecryption }, { view, partition, region, account }) {
      const row = view.get(parameters, arnOf(partition, region, account, Name));
      if (!row) throw new AwsFault('ParameterNotFound', `Parameter ${Name} not found.`, { status: 400 });
      const Type = row.secure ? 'SecureString' : 'String';
      return { Parameter: { Name, Type, Value: row.secure && !WithDecryption ? 'encrypted' : row.value } };
    },
  },
});

/** Parameters of SSM Parameter Store; secrets of Secrets Manager stand under their reference path. */
export const ssmParameters = awsNoun({
  name: 'ssmParameters',
  scope: 'region',
  estate: z
    .array(z.strictObject({ name: z.string().min(1), value: z.string(), secure: z.boolean().default(true) }))
    .default([]),
  seed(rows, named, { partition, account, region }) {
    for (const { name, value, secure } of named)
      rows.put(parameters, arnOf(partition, region, account, name), { value, secure });
  },
  operations: { ssm: operations },
});
