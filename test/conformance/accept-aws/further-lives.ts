import type { Json } from '../../../shared/model/json.ts';
import { production } from '../../support/company.ts';
import type { Where } from '../../support/rights.ts';

/** A way through an action that its own life does not take, for moto to be compared on as well. */
export type FurtherLife = {
  readonly action: string;
  /** What is different, to be read after the action's name. */
  readonly how: string;
  readonly input: Json;
  readonly where: Where;
};

const ireland: Where = { account: production, region: 'eu-west-1' };
const trailArn = `arn:aws:cloudtrail:eu-west-1:${production}:trail/northwind-audit`;
const management = { Name: 'management', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] };

/** Other ways through some actions. */
export const furtherLives: readonly FurtherLife[] = [
  {
    action: 'aws.cloudtrail.restart-logging',
    how: 'with selectors',
    input: { trailArn, selectors: { AdvancedEventSelectors: [management] } },
    where: ireland,
  },
  {
    action: 'aws.ec2.replace-instance-profile',
    how: 'by another profile',
    input: { instanceId: 'i-0aa11bb22cc33dd44', profileName: 'batch-worker' },
    where: ireland,
  },
  {
    action: 'aws.guardduty.enable-detector',
    how: 'where the detector is gone',
    input: { features: [] },
    where: { account: production, region: 'eu-west-2' },
  },
  {
    action: 'aws.iam.detach-role-policy',
    how: 'of an inline policy',
    input: { roleName: 'web-server', policy: 'serve' },
    where: ireland,
  },
  {
    action: 'aws.iam.detach-user-policy',
    how: 'of an inline policy',
    input: { userName: 'ci-deploy', policy: 'deploy' },
    where: ireland,
  },
  {
    action: 'aws.lambda.remove-public-permission',
    how: 'of one statement',
    input: { functionName: 'resize-images', qualifier: '', statementId: 'uploads' },
    where: ireland,
  },
  {
    action: 'aws.rds.disable-public-access',
    how: 'of an instance in no cluster',
    input: { instanceIdentifier: 'reports' },
    where: ireland,
  },
  {
    action: 'aws.rds.unshare-snapshot',
    how: 'of a cluster',
    input: { snapshotIdentifier: 'orders-before-upgrade', ofCluster: true },
    where: ireland,
  },
];
