import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeTagsCommand as DescribeGroupTagsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  GetFunctionConcurrencyCommand,
  GetPolicyCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionUrlConfigsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { nobody, type Read, sendsOf } from './read.ts';

const noInstance = 'i-00000000000000000';
const noImage = 'ami-00000000000000000';
const noSnapshot = 'snap-00000000000000000';
const few = 5;

const ec2 = sendsOf(EC2Client);
const groups = sendsOf(AutoScalingClient);
const lambda = sendsOf(LambdaClient);

/** Harmless reads of what computes: instances, images, networks, functions, clusters. */
export const computeReads: Readonly<Record<string, Read>> = {
  'ec2:DescribeInstances': ec2((client, abortSignal) =>
    client.send(new DescribeInstancesCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeInstanceAttribute': ec2((client, abortSignal) =>
    client.send(new DescribeInstanceAttributeCommand({ InstanceId: noInstance, Attribute: 'disableApiTermination' }), {
      abortSignal,
    }),
  ),
  'ec2:DescribeNetworkInterfaces': ec2((client, abortSignal) =>
    client.send(new DescribeNetworkInterfacesCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeSecurityGroups': ec2((client, abortSignal) =>
    client.send(new DescribeSecurityGroupsCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeSecurityGroupRules': ec2((client, abortSignal) =>
    client.send(new DescribeSecurityGroupRulesCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeSnapshots': ec2((client, abortSignal) =>
    client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeTags': ec2((client, abortSignal) =>
    client.send(new DescribeTagsCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeIamInstanceProfileAssociations': ec2((client, abortSignal) =>
    client.send(new DescribeIamInstanceProfileAssociationsCommand({ MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeImages': ec2((client, abortSignal) =>
    client.send(new DescribeImagesCommand({ Owners: ['self'], MaxResults: few }), { abortSignal }),
  ),
  'ec2:DescribeImageAttribute': ec2((client, abortSignal) =>
    client.send(new DescribeImageAttributeCommand({ ImageId: noImage, Attribute: 'launchPermission' }), {
      abortSignal,
    }),
  ),
  'ec2:DescribeSnapshotAttribute': ec2((client, abortSignal) =>
    client.send(new DescribeSnapshotAttributeCommand({ SnapshotId: noSnapshot, Attribute: 'createVolumePermission' }), {
      abortSignal,
    }),
  ),
  'ec2:DescribeNetworkAcls': ec2((client, abortSignal) =>
    client.send(new DescribeNetworkAclsCommand({ MaxResults: few }), { abortSignal }),
  ),
  'autoscaling:DescribeAutoScalingGroups': groups((client, abortSignal) =>
    client.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }), { abortSignal }),
  ),
  'autoscaling:DescribeAutoScalingInstances': groups((client, abortSignal) =>
    client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [noInstance] }), { abortSignal }),
  ),
  'autoscaling:DescribeTags': groups((client, abortSignal) =>
    client.send(new DescribeGroupTagsCommand({ Filters: [{ Name: 'auto-scaling-group', Values: [nobody] }] }), {
      abortSignal,
    }),
  ),
  'lambda:GetFunctionConcurrency': lambda((client, abortSignal) =>
    client.send(new GetFunctionConcurrencyCommand({ FunctionName: nobody }), { abortSignal }),
  ),
  'lambda:GetPolicy': lambda((client, abortSignal) =>
    client.send(new GetPolicyCommand({ FunctionName: nobody }), { abortSignal }),
  ),
  'lambda:ListAliases': lambda((client, abortSignal) =>
    client.send(new ListAliasesCommand({ FunctionName: nobody, MaxItems: 1 }), { abortSignal }),
  ),
  'lambda:ListFunctionUrlConfigs': lambda((client, abortSignal) =>
    client.send(new ListFunctionUrlConfigsCommand({ FunctionName: nobody, MaxItems: 1 }), { abortSignal }),
  ),
  'lambda:ListProvisionedConcurrencyConfigs': lambda((client, abortSignal) =>
    client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: nobody, MaxItems: 1 }), { abortSignal }),
  ),
  'lambda:ListTags': lambda((client, abortSignal, { partition, region, account }) => {
    const Resource = `arn:${partition}:lambda:${region}:${account}:function:${nobody}`;
    return client.send(new ListTagsCommand({ Resource }), { abortSignal });
  }),
  'eks:DescribeCluster': sendsOf(EKSClient)((client, abortSignal) =>
    client.send(new DescribeClusterCommand({ name: nobody }), { abortSignal }),
  ),
};
