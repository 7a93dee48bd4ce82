import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { subnets } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { eksClusters } from '../../../shared/sandbox/aws/eks-clusters.ts';
import { parseArn } from '../../../shared/model/identifiers.ts';
import { idOn, rowsOf, type Seeding } from './seeding.ts';

/** EKS clusters, without what is in them: moto has no Kubernetes API server. */
export async function seedEks(to: Seeding): Promise<void> {
  for (const [, { name, arn, vpcId, tags }] of to.rows.all(eksClusters)) {
    const { account, region } = parseArn(arn) ?? {};
    if (account !== to.account || region !== to.region) continue;
    const within = rowsOf(to, subnets).filter((subnet) => subnet.vpcId === vpcId);
    const resourcesVpcConfig = { subnetIds: within.map(({ subnetId }) => idOn(to, subnetId)) };
    const roleArn = `arn:aws:iam::${account}:role/eks-cluster`;
    await to.client(EKSClient).send(new CreateClusterCommand({ name, roleArn, resourcesVpcConfig, tags: { ...tags } }));
  }
}
