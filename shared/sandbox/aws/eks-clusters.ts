import type * as eks from '@aws-sdk/client-eks';
import * as z from 'zod';
import { ClusterContents, seedCluster } from '../kubernetes/estate.ts';
import { table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type EksRow = {
  readonly name: string;
  readonly arn: string;
  readonly host: string;
  readonly vpcId: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** Keyed by ARN. */
export const eksClusters = table<EksRow>('aws.eks.clusters');

/** Not a certificate: nobody in the sandbox speaks TLS. */
const authority = Buffer.from('-----BEGIN CERTIFICATE-----\nsandbox\n-----END CERTIFICATE-----\n').toString('base64');

const arnOf = ({ partition, region, account }: Pick<Call, 'partition' | 'region' | 'account'>, name: string): string =>
  `arn:${partition}:eks:${region}:${account}:cluster/${name}`;

const operations = operationsOf<typeof eks>()({
  DescribeCluster: {
    on: ({ name = '' }, call) => arnOf(call, name),
    does({ name = '' }, call) {
      const row = call.view.get(eksClusters, arnOf(call, name));
      if (!row) throw new AwsFault('ResourceNotFoundException', `No cluster found for name: ${name}.`, { status: 404 });
      const { arn, host, vpcId, tags } = row;
      return {
        cluster: {
          ...{ name, arn, endpoint: `https://${host}`, status: 'ACTIVE' as const, version: '1.34', tags: { ...tags } },
          certificateAuthority: { data: authority },
          resourcesVpcConfig: { vpcId, endpointPublicAccess: true, endpointPrivateAccess: true },
          accessConfig: { authenticationMode: 'API' as const },
        },
      };
    },
  },
});

/** EKS clusters with what is in them. */
export const eksNoun = awsNoun({
  name: 'eksClusters',
  scope: 'region',
  estate: z.array(ClusterContents.extend({ vpc: z.string() })).default([]),
  seed(rows, list, place) {
    for (const { vpc, ...contents } of list) {
      const { name, host, tags } = contents;
      const id = arnOf(place, name);
      rows.put(eksClusters, id, { name, arn: id, host, vpcId: vpc, tags });
      seedCluster(rows, contents, { cloud: 'aws', id, account: place.account, region: place.region });
    }
  },
  operations: { eks: operations },
});
