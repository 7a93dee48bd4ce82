import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as cloudTrail from '@aws-sdk/client-cloudtrail';
import * as config from '@aws-sdk/client-config-service';
import * as ec2 from '@aws-sdk/client-ec2';
import * as eks from '@aws-sdk/client-eks';
import * as eventBridge from '@aws-sdk/client-eventbridge';
import * as guardDuty from '@aws-sdk/client-guardduty';
import * as iam from '@aws-sdk/client-iam';
import * as identityStore from '@aws-sdk/client-identitystore';
import * as lambda from '@aws-sdk/client-lambda';
import * as rds from '@aws-sdk/client-rds';
import * as s3 from '@aws-sdk/client-s3';
import * as securityHub from '@aws-sdk/client-securityhub';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as ssoAdmin from '@aws-sdk/client-sso-admin';
import * as sts from '@aws-sdk/client-sts';
import { type AwsService, awsService } from './protocol/service.ts';

/** The services that the sandbox serves, by signing name. */
export const awsServices = (): ReadonlyMap<string, AwsService> =>
  new Map(
    [
      awsService(autoScaling, autoScaling.AutoScalingClient),
      awsService(cloudTrail, cloudTrail.CloudTrailClient),
      awsService(config, config.ConfigServiceClient),
      awsService(ec2, ec2.EC2Client),
      awsService(eks, eks.EKSClient),
      awsService(eventBridge, eventBridge.EventBridgeClient),
      awsService(guardDuty, guardDuty.GuardDutyClient),
      awsService(iam, iam.IAMClient),
      awsService(identityStore, identityStore.IdentitystoreClient),
      awsService(lambda, lambda.LambdaClient),
      awsService(rds, rds.RDSClient),
      awsService(s3, s3.S3Client),
      awsService(securityHub, securityHub.SecurityHubClient),
      awsService(sns, sns.SNSClient),
      awsService(ssm, ssm.SSMClient),
      awsService(ssoAdmin, ssoAdmin.SSOAdminClient),
      awsService(sts, sts.STSClient),
    ].map((service) => [service.name, service]),
  );
