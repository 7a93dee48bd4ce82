import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as events from '@aws-sdk/client-eventbridge';
import * as guardduty from '@aws-sdk/client-guardduty';
import * as iam from '@aws-sdk/client-iam';
import * as identitystore from '@aws-sdk/client-identitystore';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sso from '@aws-sdk/client-sso-admin';
import * as sts from '@aws-sdk/client-sts';
import { HttpRequest as SdkRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsFault } from '../../shared/sandbox/aws/protocol/fault.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import { findRoute, type Route } from '../../shared/sandbox/aws/protocol/route.ts';
import { type AwsService, awsService } from '../../shared/sandbox/aws/protocol/service.ts';
import {
  decodeCall,
  encodeFault,
  encodeOutput,
  readSignature,
  verifySignature,
} from '../../shared/sandbox/aws/protocol/wire.ts';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';

const region = 'eu-west-1';
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const moment = new Date('2026-01-02T03:04:05.000Z');

const services = {
  autoscaling: awsService(autoscaling, autoscaling.AutoScalingClient),
  ec2: awsService(ec2, ec2.EC2Client),
  events: awsService(events, events.EventBridgeClient),
  guardduty: awsService(guardduty, guardduty.GuardDutyClient),
  iam: awsService(iam, iam.IAMClient),
  identitystore: awsService(identitystore, identitystore.IdentitystoreClient),
  lambda: awsService(lambda, lambda.LambdaClient),
  s3: awsService(s3, s3.S3Client),
  sso: awsService(sso, sso.SSOAdminClient),
  sts: awsService(sts, sts.STSClient),
};

type Answer = (input: Record<string, unknown>) => Record<string, unknown>;

/** One service behind a handler that checks signatures, remembers calls and answers them as told. */
function serve(service: AwsService, answers: Readonly<Record<string, Answer>> = {}) {
  const calls: { operation: string; input: Record<string, unknown>; request: HttpRequest }[] = [];
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const signature = readSignature(request);
    if (signature === undefined || !verifySignature(request, signature, credentials.secretAccessKey))
      throw new AwsFault('SignatureDoesNotMatch', 'The signature does not match.', { status: 403 });
    const { operation, input } = await decodeCall(service, request);
    calls.push({ operation, input, request });
    const found = answers[operation];
    if (found === undefined) throw new AwsFault('NotImplemented', 'The test gave no answer.', { status: 501 });
    return encodeOutput(service, operation, found(input), 'request-1');
  };
  const handle = (request: HttpRequest) =>
    answer(request).catch((thrown: unknown) => {
      if (thrown instanceof AwsFault) return encodeFault(service, thrown, 'request-1');
      throw thrown;
    });
  const settings = { region, credentials, maxAttempts: 1, requestHandler: requestHandler(handle) };
  return { calls, handle, settings };
}

const refuse =
  (...args: ConstructorParameters<typeof AwsFault>): Answer =>
  () => {
    throw new AwsFault(...args);
  };

const thrownBy = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The request a client would have sent, signed. */
async function sentBy(
  send: (settings: ReturnType<typeof serve>['settings']) => Promise<unknown>,
): Promise<HttpRequest> {
  const sent: HttpRequest[] = [];
  const handler = requestHandler(async (request) => {
    sent.push(request);
    throw new Error('kept, not answered');
  });
  await thrownBy(send({ region, credentials, maxAttempts: 1, requestHandler: handler }));
  const [request] = sent;
  if (request === undefined) throw new Error('the client sent nothing');
  return request;
}

const permissions = [
  {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'any <one> & "all"' }],
    Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    UserIdGroupPairs: [{ GroupId: 'sg-2' }, { GroupId: 'sg-3' }],
  },
  { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-1' }] },
];

describe('a service made from its client package', () => {
  test('is named as its requests are signed, and knows its protocol', () => {
    const known = Object.values(services).map(({ name, protocol }) => `${name} ${protocol}`);
    expect(known).toEqual([
      'autoscaling awsQuery',
      'ec2 ec2Query',
      'events awsJson1_1',
      'guardduty restJson1',
      'iam awsQuery',
      'identitystore awsJson1_1',
      'lambda restJson1',
      's3 restXml',
      'sso awsJson1_1',
      'sts awsQuery',
    ]);
  });

  test('refuses a client whose protocol the sandbox does not speak', () => {
    class CborClient {
      readonly config = {
        defaultSigningName: 'novel',
        protocol: { getShapeId: () => 'smithy.protocols#rpcv2Cbor' },
        protocolSettings: {},
      };
    }
    expect(() => awsService({}, CborClient)).toThrow('The client of novel speaks rpcv2Cbor');
  });
});

describe('ec2Query', () => {
  test('carries nested lists both ways', async () => {
    const { calls, settings } = serve(services.ec2, {
      RevokeSecurityGroupIngress: () => ({ Return: true, UnknownIpPermissions: permissions }),
    });
    const output = await new ec2.EC2Client(settings).send(
      new ec2.RevokeSecurityGroupIngressCommand({ GroupId: 'sg-1', IpPermissions: permissions }),
    );
    expect(calls[0]?.input).toEqual({ GroupId: 'sg-1', IpPermissions: permissions });
    expect(output).toMatchObject({ Return: true, UnknownIpPermissions: permissions });
    expect(output.$metadata).toMatchObject({ httpStatusCode: 200, requestId: 'request-1' });
  });

  test('carries timestamps, filters and page tokens', async () => {
    const { calls, settings } = serve(services.ec2, {
      DescribeInstances: ({ NextToken }) => ({
        Reservations: [{ Instances: [{ InstanceId: NextToken === 'next' ? 'i-2' : 'i-1', LaunchTime: moment }] }],
        ...(NextToken === 'next' ? {} : { NextToken: 'next' }),
      }),
    });
    const filters = [{ Name: 'tag:env', Values: ['a', 'b'] }];
    const found: unknown[] = [];
    const client = new ec2.EC2Client(settings);
    for await (const page of ec2.paginateDescribeInstances({ client, pageSize: 5 }, { Filters: filters }))
      found.push(...(page.Reservations?.[0]?.Instances ?? []));
    expect(found).toEqual([
      { InstanceId: 'i-1', LaunchTime: moment },
      { InstanceId: 'i-2', LaunchTime: moment },
    ]);
    expect(calls.map(({ input }) => input)).toEqual([
      { Filters: filters, MaxResults: 5 },
      { Filters: filters, MaxResults: 5, NextToken: 'next' },
    ]);
  });

  test('orders the items of a list by their number, not by their text', async () => {
    const ids = Array.from({ length: 12 }, (_, at) => `i-${at}`);
    const { calls, settings } = serve(services.ec2, { TerminateInstances: () => ({}) });
    await new ec2.EC2Client(settings).send(new ec2.TerminateInstancesCommand({ InstanceIds: ids }));
    expect(calls[0]?.input).toEqual({ InstanceIds: ids });
  });

  test('refuses with the code, the message and the status of the fault', async () => {
    const { settings } = serve(services.ec2, {
      TerminateInstances: refuse('InvalidInstanceID.NotFound', "The instance ID 'i-1' does not exist"),
    });
    const error = await thrownBy(
      new ec2.EC2Client(settings).send(new ec2.TerminateInstancesCommand({ InstanceIds: ['i-1'] })),
    );
    expect(error).toBeInstanceOf(ec2.EC2ServiceException);
    expect(error).toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-1' does not exist",
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('refuses a number that is none', async () => {
    const request = await sentBy((settings) =>
      new ec2.EC2Client(settings).send(new ec2.DescribeInstancesCommand({ MaxResults: 5 })),
    );
    const body = Buffer.from(Buffer.from(request.body).toString().replace('MaxResults=5', 'MaxResults=many'));
    await expect(decodeCall(services.ec2, { ...request, body })).rejects.toMatchObject({
      awsCode: 'InvalidParameterValue',
      status: 400,
    });
  });
});

describe('awsQuery', () => {
  test('carries lists of structures and text that XML and forms must escape', async () => {
    const tags = [{ Key: 'a&b', Value: '1 < 2 + 3%' }];
    const { calls, settings } = serve(services.iam, {
      ListRoleTags: () => ({ Tags: tags, IsTruncated: false }),
      TagRole: () => ({}),
    });
    const client = new iam.IAMClient(settings);
    await client.send(new iam.TagRoleCommand({ RoleName: 'r', Tags: tags }));
    expect(calls[0]).toMatchObject({ operation: 'TagRole', input: { RoleName: 'r', Tags: tags } });
    expect(await client.send(new iam.ListRoleTagsCommand({ RoleName: 'r' }))).toMatchObject({
      Tags: tags,
      IsTruncated: false,
    });
  });

  test('keeps an empty list apart from none', async () => {
    const { calls, settings } = serve(services.iam, { UntagRole: () => ({}) });
    await new iam.IAMClient(settings).send(new iam.UntagRoleCommand({ RoleName: 'r', TagKeys: [] }));
    expect(calls[0]?.input).toEqual({ RoleName: 'r', TagKeys: [] });
  });

  test('carries maps and timestamps out', async () => {
    const { settings } = serve(services.iam, {
      GetAccountSummary: () => ({ SummaryMap: { Users: 3, MFADevices: 0 } }),
      ListAccessKeys: () => ({
        AccessKeyMetadata: [{ AccessKeyId: 'AK', CreateDate: moment }],
        IsTruncated: true,
        Marker: 'm',
      }),
    });
    const client = new iam.IAMClient(settings);
    const summary = await client.send(new iam.GetAccountSummaryCommand({}));
    expect(summary.SummaryMap).toEqual({ Users: 3, MFADevices: 0 });
    const keys = await client.send(new iam.ListAccessKeysCommand({ UserName: 'bob' }));
    expect(keys).toMatchObject({
      AccessKeyMetadata: [{ AccessKeyId: 'AK', CreateDate: moment }],
      IsTruncated: true,
      Marker: 'm',
    });
  });

  test('answers an operation without output', async () => {
    const { calls, settings } = serve(services.iam, { DeleteUser: () => ({}) });
    const output = await new iam.IAMClient(settings).send(new iam.DeleteUserCommand({ UserName: 'bob' }));
    expect(calls[0]).toMatchObject({ operation: 'DeleteUser', input: { UserName: 'bob' } });
    expect(output).toEqual({ $metadata: expect.objectContaining({ httpStatusCode: 200, requestId: 'request-1' }) });
  });

  test('turns a code of the wire into the typed error, with the status of its model', async () => {
    const { settings } = serve(services.iam, {
      GetUser: refuse('NoSuchEntity', 'The user with name x cannot be found.'),
    });
    const error = await thrownBy(new iam.IAMClient(settings).send(new iam.GetUserCommand({ UserName: 'x' })));
    expect(error).toBeInstanceOf(iam.NoSuchEntityException);
    expect(error).toMatchObject({
      Code: 'NoSuchEntity',
      Type: 'Sender',
      message: 'The user with name x cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('lets a code pass that no model knows', async () => {
    const { settings } = serve(services.autoscaling, {
      DetachInstances: refuse('ValidationError', 'AutoScalingGroup name not found'),
    });
    const error = await thrownBy(
      new autoscaling.AutoScalingClient(settings).send(
        new autoscaling.DetachInstancesCommand({ AutoScalingGroupName: 'g', ShouldDecrementDesiredCapacity: false }),
      ),
    );
    expect(error).toMatchObject({ name: 'ValidationError', $metadata: { httpStatusCode: 400 } });
  });

  test("calls its own failures the receiver's", async () => {
    const { settings } = serve(services.sts, {
      GetCallerIdentity: refuse('InternalFailure', 'Try again', { status: 500 }),
    });
    const error = await thrownBy(new sts.STSClient(settings).send(new sts.GetCallerIdentityCommand({})));
    expect(error).toMatchObject({ name: 'InternalFailure', $fault: 'server', Type: 'Receiver' });
  });

  test('refuses an operation it does not know, and a request that names none', async () => {
    const request = await sentBy((settings) => new iam.IAMClient(settings).send(new iam.GetUserCommand({})));
    const asking = (body: string) => decodeCall(services.iam, { ...request, body: Buffer.from(body) });
    await expect(asking('Action=LaunchRocket&Version=2010-05-08')).rejects.toMatchObject({ awsCode: 'InvalidAction' });
    await expect(asking('Version=2010-05-08')).rejects.toMatchObject({ awsCode: 'MissingAction' });
  });

  test('reads a request whose form is in its URL', async () => {
    const url = new URL(
      'https://sts.eu-west-1.amazonaws.com/?Action=AssumeRole&RoleArn=arn%3Aa&RoleSessionName=s&DurationSeconds=900',
    );
    const call = await decodeCall(services.sts, { method: 'GET', url, headers: {}, body: new Uint8Array() });
    expect(call).toEqual({
      operation: 'AssumeRole',
      input: { RoleArn: 'arn:a', RoleSessionName: 's', DurationSeconds: 900 },
    });
  });
});

describe('awsJson', () => {
  test('carries timestamps in and nested results out', async () => {
    const { calls, settings } = serve(services.events, {
      PutEvents: () => ({ FailedEntryCount: 1, Entries: [{ EventId: 'e' }, { ErrorCode: 'X' }] }),
    });
    const entries = [{ Source: 'cordon', DetailType: 'd', Detail: '{"a":"ü"}', Time: moment, Resources: ['r'] }];
    const output = await new events.EventBridgeClient(settings).send(new events.PutEventsCommand({ Entries: entries }));
    expect(calls[0]).toMatchObject({ operation: 'PutEvents', input: { Entries: entries } });
    expect(output).toMatchObject({ FailedEntryCount: 1, Entries: [{ EventId: 'e' }, { ErrorCode: 'X' }] });
  });

  test('carries timestamps and page tokens out', async () => {
    const { settings } = serve(services.sso, {
      DescribePermissionSet: () => ({ PermissionSet: { Name: 'Admin', CreatedDate: moment } }),
      ListAccountAssignments: () => ({
        AccountAssignments: [{ AccountId: '1', PrincipalType: 'USER' }],
        NextToken: 'n',
      }),
    });
    const client = new sso.SSOAdminClient(settings);
    const set = await client.send(new sso.DescribePermissionSetCommand({ InstanceArn: 'i', PermissionSetArn: 'p' }));
    expect(set.PermissionSet).toEqual({ Name: 'Admin', CreatedDate: moment });
    const page = await client.send(
      new sso.ListAccountAssignmentsCommand({ InstanceArn: 'i', AccountId: '1', PermissionSetArn: 'p' }),
    );
    expect(page).toMatchObject({ AccountAssignments: [{ AccountId: '1', PrincipalType: 'USER' }], NextToken: 'n' });
  });

  test('answers an operation without output', async () => {
    const { settings } = serve(services.events, { DeleteRule: () => ({}) });
    const output = await new events.EventBridgeClient(settings).send(new events.DeleteRuleCommand({ Name: 'r' }));
    expect(output).toEqual({ $metadata: expect.objectContaining({ httpStatusCode: 200 }) });
  });

  test('raises typed errors with their modelled members', async () => {
    const { settings } = serve(services.identitystore, {
      DescribeUser: refuse('ResourceNotFoundException', 'USER not found.', {
        fields: { ResourceType: 'USER', ResourceId: 'u-1' },
      }),
    });
    const error = await thrownBy(
      new identitystore.IdentitystoreClient(settings).send(
        new identitystore.DescribeUserCommand({ IdentityStoreId: 'd-1', UserId: 'u-1' }),
      ),
    );
    expect(error).toBeInstanceOf(identitystore.ResourceNotFoundException);
    expect(error).toMatchObject({ ResourceType: 'USER', ResourceId: 'u-1', message: 'USER not found.' });
  });

  test('refuses a body that is not JSON, or no object', async () => {
    const request = await sentBy((settings) =>
      new events.EventBridgeClient(settings).send(new events.DeleteRuleCommand({ Name: 'r' })),
    );
    for (const body of ['{"Name":', '[1]'])
      await expect(decodeCall(services.events, { ...request, body: Buffer.from(body) })).rejects.toMatchObject({
        awsCode: 'SerializationException',
      });
  });
});

describe('restJson1', () => {
  test('gathers an input from path and body', async () => {
    const { calls, settings } = serve(services.guardduty, {
      GetFindings: () => ({ Findings: [{ Id: 'f-1', Severity: 8.5, Service: { Archived: false } }] }),
    });
    const output = await new guardduty.GuardDutyClient(settings).send(
      new guardduty.GetFindingsCommand({
        DetectorId: 'd/1 ü',
        FindingIds: ['f-1'],
        SortCriteria: { AttributeName: 'severity', OrderBy: 'DESC' },
      }),
    );
    expect(calls[0]).toMatchObject({
      operation: 'GetFindings',
      input: { DetectorId: 'd/1 ü', FindingIds: ['f-1'], SortCriteria: { AttributeName: 'severity', OrderBy: 'DESC' } },
    });
    expect(output.Findings).toEqual([{ Id: 'f-1', Severity: 8.5, Service: { Archived: false } }]);
  });

  test('gathers lists and numbers from the query', async () => {
    const { calls, settings } = serve(services.lambda, {
      UntagResource: () => ({}),
      ListFunctions: () => ({ Functions: [{ FunctionName: 'f' }], NextMarker: 'm' }),
    });
    const client = new lambda.LambdaClient(settings);
    await client.send(
      new lambda.UntagResourceCommand({ Resource: 'arn:aws:lambda:eu-west-1:1:function:f', TagKeys: ['a b', 'c+d'] }),
    );
    expect(calls[0]).toMatchObject({
      operation: 'UntagResource',
      input: { Resource: 'arn:aws:lambda:eu-west-1:1:function:f', TagKeys: ['a b', 'c+d'] },
    });
    const page = await client.send(new lambda.ListFunctionsCommand({ MaxItems: 7 }));
    expect(calls[1]?.input).toEqual({ MaxItems: 7 });
    expect(page).toMatchObject({ Functions: [{ FunctionName: 'f' }], NextMarker: 'm' });
  });

  test('carries bytes, headers and the status of an answer', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13]);
    const { calls, settings } = serve(services.lambda, {
      Invoke: () => ({ StatusCode: 202, FunctionError: 'Unhandled', Payload: bytes }),
    });
    const output = await new lambda.LambdaClient(settings).send(
      new lambda.InvokeCommand({ FunctionName: 'f:live', InvocationType: 'Event', Payload: bytes }),
    );
    expect(calls[0]?.input).toMatchObject({ FunctionName: 'f:live', InvocationType: 'Event' });
    expect(calls[0]?.input.Payload).toEqual(bytes);
    expect(output).toMatchObject({ StatusCode: 202, FunctionError: 'Unhandled' });
    expect([...(output.Payload ?? [])]).toEqual([...bytes]);
  });

  test('answers 204 with nothing in it', async () => {
    const { settings } = serve(services.lambda, { DeleteFunctionConcurrency: () => ({}) });
    const output = await new lambda.LambdaClient(settings).send(
      new lambda.DeleteFunctionConcurrencyCommand({ FunctionName: 'f' }),
    );
    expect(output).toEqual({ $metadata: expect.objectContaining({ httpStatusCode: 204 }) });
    expect(encodeOutput(services.lambda, 'DeleteFunctionConcurrency', {}, 'r').body).toHaveLength(0);
  });

  test('raises typed errors whose members are in body and headers', async () => {
    const { settings } = serve(services.lambda, {
      GetFunction: refuse('TooManyRequestsException', 'Rate exceeded', {
        fields: { retryAfterSeconds: '3', Reason: 'CallerRateLimitExceeded' },
      }),
    });
    const error = await thrownBy(
      new lambda.LambdaClient(settings).send(new lambda.GetFunctionCommand({ FunctionName: 'f' })),
    );
    expect(error).toBeInstanceOf(lambda.TooManyRequestsException);
    expect(error).toMatchObject({
      message: 'Rate exceeded',
      Reason: 'CallerRateLimitExceeded',
      retryAfterSeconds: '3',
      $metadata: { httpStatusCode: 429 },
    });
  });

  test('tells an error that no model knows, message and all', async () => {
    const { settings } = serve(services.lambda, {
      GetFunction: refuse('AccessDeniedException', 'Not you', { status: 403 }),
    });
    const error = await thrownBy(
      new lambda.LambdaClient(settings).send(new lambda.GetFunctionCommand({ FunctionName: 'f' })),
    );
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message: 'Not you',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('writes a member that goes into a header nowhere else', () => {
    const fault = new AwsFault('TooManyRequestsException', 'Rate exceeded', { fields: { retryAfterSeconds: '3' } });
    const { headers, body } = encodeFault(services.lambda, fault, 'r');
    expect(headers['retry-after']).toBe('3');
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      __type: 'TooManyRequestsException',
      message: 'Rate exceeded',
    });
  });

  test('writes the message of an error under the name of its model', () => {
    const fault = new AwsFault('ResourceNotFoundException', 'Function not found', { fields: { Type: 'User' } });
    const { status, headers, body } = encodeFault(services.lambda, fault, 'r');
    expect(status).toBe(404);
    expect(headers['x-amzn-errortype']).toBe('ResourceNotFoundException');
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      __type: 'ResourceNotFoundException',
      Message: 'Function not found',
      Type: 'User',
    });
  });

  test("refuses a path that is nobody's", async () => {
    const url = new URL('https://lambda.eu-west-1.amazonaws.com/2015-03-31/rockets');
    await expect(
      decodeCall(services.lambda, { method: 'GET', url, headers: {}, body: new Uint8Array() }),
    ).rejects.toMatchObject({ awsCode: 'InvalidAction' });
  });
});

describe('S3', () => {
  const block = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: true,
  };

  test('carries XML both ways under its subresources', async () => {
    const { calls, settings } = serve(services.s3, {
      GetPublicAccessBlock: () => ({ PublicAccessBlockConfiguration: block }),
      PutPublicAccessBlock: () => ({}),
    });
    const client = new s3.S3Client(settings);
    await client.send(new s3.PutPublicAccessBlockCommand({ Bucket: 'b1', PublicAccessBlockConfiguration: block }));
    expect(calls[0]).toMatchObject({
      operation: 'PutPublicAccessBlock',
      input: { Bucket: 'b1', PublicAccessBlockConfiguration: block },
    });
    const read = await client.send(new s3.GetPublicAccessBlockCommand({ Bucket: 'b1', ExpectedBucketOwner: '1' }));
    expect(read.PublicAccessBlockConfiguration).toEqual(block);
    expect(calls[1]?.input).toEqual({ Bucket: 'b1', ExpectedBucketOwner: '1' });
  });

  test('carries a policy as plain text', async () => {
    const policy = '{"Statement":[{"Effect":"Deny","Resource":"<&>"}]}';
    const { calls, settings } = serve(services.s3, {
      GetBucketPolicy: () => ({ Policy: policy }),
      PutBucketPolicy: () => ({}),
    });
    const client = new s3.S3Client(settings);
    await client.send(new s3.PutBucketPolicyCommand({ Bucket: 'b1', Policy: policy }));
    expect(calls[0]?.input).toMatchObject({ Bucket: 'b1', Policy: policy });
    expect((await client.send(new s3.GetBucketPolicyCommand({ Bucket: 'b1' }))).Policy).toBe(policy);
  });

  test('refuses in its own XML, with further elements and both request ids', async () => {
    const { settings } = serve(services.s3, {
      GetBucketPolicy: refuse('NoSuchBucketPolicy', 'The bucket policy does not exist', {
        status: 404,
        fields: { BucketName: 'b1' },
      }),
      GetObject: refuse('NoSuchKey', 'The specified key does not exist.', { fields: { Key: 'k' } }),
    });
    const client = new s3.S3Client(settings);
    expect(await thrownBy(client.send(new s3.GetBucketPolicyCommand({ Bucket: 'b1' })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
      BucketName: 'b1',
      $metadata: { httpStatusCode: 404, requestId: 'request-1', extendedRequestId: 'request-1' },
    });
    const error = await thrownBy(client.send(new s3.GetObjectCommand({ Bucket: 'b1', Key: 'k' })));
    expect(error).toBeInstanceOf(s3.NoSuchKey);
    expect(error).toMatchObject({ Key: 'k', $metadata: { httpStatusCode: 404 } });
    const { body } = encodeFault(services.s3, new AwsFault('NoSuchKey', 'Gone'), 'r');
    expect(Buffer.from(body).toString()).toContain('<Error><Code>NoSuchKey</Code><Message>Gone</Message>');
  });

  test('takes an object with its metadata, and tells of it by headers alone', async () => {
    const { calls, settings } = serve(services.s3, {
      PutObject: () => ({ ETag: '"e"', VersionId: 'v1' }),
      HeadObject: () => ({
        ContentLength: 7,
        ContentType: 'text/csv',
        LastModified: moment,
        Metadata: { owner: 'a' },
        ETag: '"e"',
      }),
    });
    const client = new s3.S3Client(settings);
    const put = await client.send(
      new s3.PutObjectCommand({
        Bucket: 'b.1',
        Key: 'a/b c+ü/(1)',
        Body: '{"z":1}',
        ContentType: 'application/json',
        Metadata: { owner: 'a' },
      }),
    );
    expect(put).toMatchObject({ ETag: '"e"', VersionId: 'v1' });
    expect(calls[0]).toMatchObject({
      operation: 'PutObject',
      input: {
        Bucket: 'b.1',
        Key: 'a/b c+ü/(1)',
        ContentType: 'application/json',
        ContentLength: 7,
        Metadata: { owner: 'a' },
      },
    });
    expect(String(Buffer.from(calls[0]?.input.Body as Uint8Array))).toBe('{"z":1}'); // a payload decodes to bytes
    const head = await client.send(new s3.HeadObjectCommand({ Bucket: 'b.1', Key: 'a' }));
    expect(head).toMatchObject({
      ContentLength: 7,
      ContentType: 'text/csv',
      LastModified: moment,
      Metadata: { owner: 'a' },
    });
  });

  test('says that an object is missing without a body', async () => {
    const { settings } = serve(services.s3, { HeadObject: refuse('NoSuchKey', 'The specified key does not exist.') });
    const error = await thrownBy(new s3.S3Client(settings).send(new s3.HeadObjectCommand({ Bucket: 'b1', Key: 'a' })));
    expect(error).toBeInstanceOf(s3.NotFound);
  });

  test('puts a chunked upload together and reads its trailers', async () => {
    const { calls, settings } = serve(services.s3, { PutObject: () => ({}) });
    const content = 'x'.repeat(70_000);
    await new s3.S3Client(settings).send(
      new s3.PutObjectCommand({
        Bucket: 'b1',
        Key: 'k',
        Body: Readable.from([Buffer.from(content)]),
        ContentLength: 70_000,
        ContentEncoding: 'gzip',
      }),
    );
    const { input, request } = calls[0] ?? {};
    expect(request?.headers['x-amz-content-sha256']).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    expect(String(Buffer.from(input?.Body as Uint8Array))).toBe(content); // a payload decodes to bytes
    expect(input).toMatchObject({
      ContentLength: 70_000,
      ContentEncoding: 'gzip',
      ChecksumCRC32: expect.stringMatching(/^.{6}==$/),
    });
  });

  test.each(['7\r\nshort\r\n0\r\n\r\n', 'zz\r\n', '3\r\nabc\r\n', '3\r\nabc??0\r\n\r\n', '0\r\nno colon'])(
    'refuses broken chunks: %j',
    async (text) => {
      const request = await sentBy((settings) =>
        new s3.S3Client(settings).send(new s3.PutObjectCommand({ Bucket: 'b1', Key: 'k', Body: 'x' })),
      );
      const headers = { ...request.headers, 'content-encoding': 'aws-chunked' };
      await expect(decodeCall(services.s3, { ...request, headers, body: Buffer.from(text) })).rejects.toMatchObject({
        awsCode: 'IncompleteBody',
      });
    },
  );

  test('gives an object back as it was', async () => {
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const { calls, settings } = serve(services.s3, { GetObject: () => ({ Body: bytes, ContentType: 'image/png' }) });
    const output = await new s3.S3Client(settings).send(
      new s3.GetObjectCommand({ Bucket: 'b1', Key: 'k', VersionId: 'v' }),
    );
    expect(calls[0]?.input).toMatchObject({ Bucket: 'b1', Key: 'k', VersionId: 'v' });
    expect(output.ContentType).toBe('image/png');
    expect([...((await output.Body?.transformToByteArray()) ?? [])]).toEqual([...bytes]);
  });

  test('lists buckets and objects, page by page', async () => {
    const { calls, settings } = serve(services.s3, {
      ListBuckets: () => ({ Buckets: [{ Name: 'b1', CreationDate: moment }], Owner: { ID: 'o' } }),
      ListObjectsV2: () => ({
        Contents: [{ Key: 'a&b', Size: 1, LastModified: moment }],
        IsTruncated: true,
        NextContinuationToken: 't',
        CommonPrefixes: [{ Prefix: 'p/' }, { Prefix: 'q/' }],
      }),
    });
    const client = new s3.S3Client(settings);
    expect(await client.send(new s3.ListBucketsCommand({}))).toMatchObject({
      Buckets: [{ Name: 'b1', CreationDate: moment }],
      Owner: { ID: 'o' },
    });
    expect(await client.send(new s3.ListObjectsV2Command({ Bucket: 'b1', Delimiter: '/', MaxKeys: 1 }))).toMatchObject({
      Contents: [{ Key: 'a&b', Size: 1, LastModified: moment }],
      IsTruncated: true,
      NextContinuationToken: 't',
      CommonPrefixes: [{ Prefix: 'p/' }, { Prefix: 'q/' }],
    });
    expect(calls.map(({ operation }) => operation)).toEqual(['ListBuckets', 'ListObjectsV2']);
    expect(calls[1]?.input).toEqual({ Bucket: 'b1', Delimiter: '/', MaxKeys: 1 });
  });

  test('carries an attribute of XML', async () => {
    const grants = [
      {
        Grantee: { Type: 'Group' as const, URI: 'http://acs.amazonaws.com/groups/global/AllUsers' },
        Permission: 'READ' as const,
      },
    ];
    const { calls, settings } = serve(services.s3, {
      GetBucketAcl: () => ({ Grants: grants }),
      PutBucketAcl: () => ({}),
    });
    const client = new s3.S3Client(settings);
    expect((await client.send(new s3.GetBucketAclCommand({ Bucket: 'b1' }))).Grants).toEqual(grants);
    await client.send(
      new s3.PutBucketAclCommand({ Bucket: 'b1', AccessControlPolicy: { Grants: grants, Owner: { ID: 'o' } } }),
    );
    expect(calls[1]?.input).toMatchObject({ AccessControlPolicy: { Grants: grants, Owner: { ID: 'o' } } });
  });

  test('answers where a bucket is with the place alone in the root element', async () => {
    const { settings } = serve(services.s3, { GetBucketLocation: () => ({ LocationConstraint: 'eu-west-1' }) });
    const output = await new s3.S3Client(settings).send(new s3.GetBucketLocationCommand({ Bucket: 'b1' }));
    expect(output.LocationConstraint).toBe('eu-west-1');
    const { body } = encodeOutput(services.s3, 'GetBucketLocation', { LocationConstraint: 'eu-west-1' }, 'r');
    expect(String(Buffer.from(body))).toMatch(/<LocationConstraint xmlns="[^"]+">eu-west-1<\/LocationConstraint>$/);
  });

  test('refuses XML that is none', async () => {
    const request = await sentBy((settings) =>
      new s3.S3Client(settings).send(
        new s3.PutPublicAccessBlockCommand({ Bucket: 'b1', PublicAccessBlockConfiguration: block }),
      ),
    );
    await expect(decodeCall(services.s3, { ...request, body: Buffer.from('<a><b></a>') })).rejects.toMatchObject({
      awsCode: 'MalformedXML',
    });
  });

  test.each([
    ['GET', 'https://s3.eu-west-1.amazonaws.com/', 'ListBuckets', {}],
    ['GET', 'https://s3.eu-west-1.amazonaws.com/b1', 'ListObjects', { Bucket: 'b1' }],
    ['GET', 'http://127.0.0.1:4566/b1?list-type=2&prefix=a%2Fb', 'ListObjectsV2', { Bucket: 'b1', Prefix: 'a/b' }],
    ['GET', 'http://b1.localhost:4566/?policyStatus', 'GetBucketPolicyStatus', { Bucket: 'b1' }],
    ['GET', 'https://b1.s3.amazonaws.com/dir/', 'GetObject', { Bucket: 'b1', Key: 'dir/' }],
    ['GET', 'https://b1.s3.dualstack.eu-west-1.amazonaws.com//k?acl', 'GetObjectAcl', { Bucket: 'b1', Key: '/k' }],
    ['PUT', 'https://s3.eu-west-1.amazonaws.com/b1/k', 'PutObject', { Bucket: 'b1', Key: 'k' }],
    [
      'PUT',
      'https://s3.eu-west-1.amazonaws.com/b1/k?partNumber=2&uploadId=u',
      'UploadPart',
      { Bucket: 'b1', Key: 'k', PartNumber: 2, UploadId: 'u' },
    ],
    ['DELETE', 'https://s3.eu-west-1.amazonaws.com/b1/k', 'DeleteObject', { Bucket: 'b1', Key: 'k' }],
    ['DELETE', 'https://s3.eu-west-1.amazonaws.com/b1?policy', 'DeleteBucketPolicy', { Bucket: 'b1' }],
    ['HEAD', 'https://s3.eu-west-1.amazonaws.com/b1/', 'HeadBucket', { Bucket: 'b1' }],
  ])('reads %s %s, without the hints of the SDK, as %s', async (method, url, operation, input) => {
    const call = await decodeCall(services.s3, { method, url: new URL(url), headers: {}, body: new Uint8Array() });
    expect(call).toEqual({ operation, input });
  });

  test('tells a copy from an upload by its header', async () => {
    const { calls, settings } = serve(services.s3, { CopyObject: () => ({ CopyObjectResult: { ETag: '"e"' } }) });
    const output = await new s3.S3Client(settings).send(
      new s3.CopyObjectCommand({ Bucket: 'b1', Key: 'k', CopySource: 'b2/k' }),
    );
    expect(calls[0]).toMatchObject({ operation: 'CopyObject', input: { CopySource: 'b2/k' } });
    expect(output.CopyObjectResult).toEqual({ ETag: '"e"' });
  });

  test('serves the same client over loopback HTTP, with paths for buckets', async () => {
    const { calls, handle, settings } = serve(services.s3, {
      HeadObject: () => ({ ContentLength: 3 }),
      PutObject: () => ({ ETag: '"e"' }),
    });
    const server = createServer(async (incoming, outgoing) => {
      const { method = '', headers } = incoming;
      const url = new URL(incoming.url ?? '/', `http://${headers.host}`);
      const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      const {
        status,
        headers: answered,
        body,
      } = await handle({ method, url, headers: plain, body: await buffer(incoming) });
      outgoing.writeHead(status, answered).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo; // a server on a TCP port has such an address
      const client = new s3.S3Client({
        region,
        credentials: settings.credentials,
        maxAttempts: 1,
        endpoint: `http://127.0.0.1:${port}`,
      });
      await client.send(new s3.PutObjectCommand({ Bucket: 'b1', Key: 'a b', Body: 'abc' }));
      expect(await client.send(new s3.HeadObjectCommand({ Bucket: 'b1', Key: 'a b' }))).toMatchObject({
        ContentLength: 3,
      });
      client.destroy();
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(calls.map(({ request, input }) => [request.url.pathname, input.Bucket, input.Key])).toEqual([
      ['/b1/a%20b', 'b1', 'a b'],
      ['/b1/a%20b', 'b1', 'a b'],
    ]);
  });
});

describe('signatures', () => {
  const verified = (request: HttpRequest, secret = credentials.secretAccessKey) => {
    const signature = readSignature(request);
    return signature !== undefined && verifySignature(request, signature, secret);
  };
  const invoke = (settings: ReturnType<typeof serve>['settings']) =>
    new lambda.LambdaClient(settings).send(
      new lambda.UntagResourceCommand({ Resource: 'arn:aws:lambda:eu-west-1:1:function:f', TagKeys: ['b *', 'a'] }),
    );
  const put = (settings: ReturnType<typeof serve>['settings']) =>
    new s3.S3Client(settings).send(new s3.PutBucketPolicyCommand({ Bucket: 'b1', Policy: '{"x":1}' }));
  const remove = (settings: ReturnType<typeof serve>['settings']) =>
    new iam.IAMClient(settings).send(new iam.DeleteUserCommand({ UserName: 'bob' }));

  test('say for what, when and by whom a request was signed', async () => {
    const request = await sentBy((settings) => {
      const signed = { ...settings, credentials: { ...credentials, sessionToken: 'token' } };
      return new sso.SSOAdminClient(signed).send(new sso.ListInstancesCommand({}));
    });
    expect(readSignature(request)).toMatchObject({
      accessKeyId: credentials.accessKeyId,
      sessionToken: 'token',
      service: 'sso',
      region,
      date: request.headers['x-amz-date'],
      presigned: false,
    });
  });

  test.each([
    ['a path encoded twice and a query', invoke],
    ['a path of S3 and a signed body', put],
    ['a form', remove],
  ])('hold for %s with the right secret and with no other', async (_, send) => {
    const request = await sentBy(send);
    expect(verified(request)).toBe(true);
    expect(verified(request, 'another')).toBe(false);
  });

  test.each<[string, (request: HttpRequest) => Partial<HttpRequest>]>([
    ['body', () => ({ body: Buffer.from('Action=DeleteUser&Version=2010-05-08&UserName=eve') })],
    ['method', () => ({ method: 'PUT' })],
    ['path', ({ url }) => ({ url: new URL('/other', url) })],
    ['query', ({ url }) => ({ url: new URL('?a=1', url) })],
    ['host', ({ headers }) => ({ headers: { ...headers, host: 'iam.example.com' } })],
    [
      'date',
      ({ headers }) => ({
        headers: { ...headers, 'x-amz-date': (headers['x-amz-date'] ?? '').replace(/\d\dZ$/, '99Z') },
      }),
    ],
    [
      'claim that the body is unsigned',
      ({ headers }) => ({ headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    ],
    ['missing signed header', ({ headers: { 'content-type': _, ...headers } }) => ({ headers })],
    ['ill-encoded query', ({ url }) => ({ url: new URL('?a=%zz', url) })],
  ])('break with another %s', async (_, change) => {
    const request = await sentBy(remove);
    expect(verified({ ...request, ...change(request) })).toBe(false);
  });

  test('break where S3 is sent another body than it was promised', async () => {
    const request = await sentBy(put);
    expect(verified({ ...request, body: Buffer.from('{"x":2}') })).toBe(false);
  });

  test('are none on an unsigned, a malformed or a contradictory request', async () => {
    const { headers, ...request } = await sentBy(remove);
    const { authorization = '', ...unsigned } = headers;
    const withAuthorization = (text: string) =>
      readSignature({ ...request, headers: { ...headers, authorization: text } });
    expect(readSignature({ ...request, headers: unsigned })).toBeUndefined();
    expect(withAuthorization('Bearer abc')).toBeUndefined();
    expect(withAuthorization(authorization.replace('aws4_request', 'aws5_request'))).toBeUndefined();
    expect(withAuthorization(authorization.replace(/\/\d{8}\//, '/19991231/'))).toBeUndefined();
    expect(withAuthorization(authorization)?.accessKeyId).toBe(credentials.accessKeyId);
  });

  test('in the URL of a presigned S3 request hold, until the URL is touched', async () => {
    const request = await signed('presign', 'https://b1.s3.eu-west-1.amazonaws.com/a%20b?x-id=GetObject', {
      expiresIn: 300,
    });
    expect(readSignature(request)).toMatchObject({
      service: 's3',
      presigned: true,
      expiresSeconds: 300,
      accessKeyId: credentials.accessKeyId,
    });
    expect(verified(request)).toBe(true);
    expect(verified(request, 'another')).toBe(false);
    const longer = new URL(request.url.href.replace('X-Amz-Expires=300', 'X-Amz-Expires=9999'));
    expect(verified({ ...request, url: longer })).toBe(false);
    const other = new URL(request.url.href.replace('a%20b', 'secret'));
    expect(verified({ ...request, url: other })).toBe(false);
    expect(await decodeCall(services.s3, request)).toEqual({
      operation: 'GetObject',
      input: { Bucket: 'b1', Key: 'a b' },
    });
  });

  test('of an unsigned body hold for S3 alone', async () => {
    expect(verified(await signed('sign', 'https://b1.s3.amazonaws.com/', {}))).toBe(true);
    expect(verified(await signed('sign', 'https://iam.amazonaws.com/', { signingService: 'iam' }))).toBe(false);
  });

  test('that leave the host out do not hold', async () => {
    const request = await signed('sign', 'https://b1.s3.amazonaws.com/', { unsignableHeaders: new Set(['host']) });
    expect(readSignature(request)?.signedHeaders).not.toContain('host');
    expect(verified(request)).toBe(false);
  });

  test('are asked of every client: a wrong secret ends in the error AWS gives', async () => {
    const { settings } = serve(services.iam, { DeleteUser: () => ({}) });
    const wrong = { ...settings, credentials: { ...credentials, secretAccessKey: 'wrong' } };
    const error = await thrownBy(new iam.IAMClient(wrong).send(new iam.DeleteUserCommand({ UserName: 'bob' })));
    expect(error).toMatchObject({ name: 'SignatureDoesNotMatch', $metadata: { httpStatusCode: 403 } });
  });
});

/** A GET of the URL as the signer of the S3 client signs it, for other services too. */
async function signed(
  how: 'sign' | 'presign',
  address: string,
  options: { readonly expiresIn?: number; readonly signingService?: string; readonly unsignableHeaders?: Set<string> },
): Promise<HttpRequest> {
  const url = new URL(address);
  const signer = await new s3.S3Client({ region, credentials }).config.signer();
  if (!('presign' in signer) || typeof signer.presign !== 'function') throw new Error('the signer cannot presign');
  const unsigned = new SdkRequest({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  const { query, headers }: SdkRequest = await (how === 'sign'
    ? signer.sign(unsigned, options)
    : signer.presign(unsigned, options));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: 'GET',
    url: new URL(url.href.replaceAll('+', '%20')),
    headers: Object.fromEntries(named),
    body: new Uint8Array(),
  };
}

describe('a request handler', () => {
  const client = (handle: (request: HttpRequest) => Promise<HttpResponse>) =>
    new sts.STSClient({ region, credentials, maxAttempts: 1, requestHandler: requestHandler(handle) });

  test('gives up waiting when the caller does', async () => {
    const controller = new AbortController();
    const started = Promise.withResolvers<void>();
    const sent = client(() => {
      started.resolve();
      return new Promise(() => undefined);
    }).send(new sts.GetCallerIdentityCommand({}), { abortSignal: controller.signal });
    await started.promise;
    controller.abort(new Error('deadline'));
    expect(await thrownBy(sent)).toMatchObject({ name: 'AbortError' });
  });

  test('sends nothing for a caller who has given up already', async () => {
    let asked = 0;
    const handler = requestHandler(async () => {
      asked += 1;
      return { status: 200, headers: {}, body: new Uint8Array() };
    });
    const request = new SdkRequest({ method: 'GET', protocol: 'https:', hostname: 'sts.amazonaws.com', path: '/' });
    expect(await thrownBy(handler.handle(request, { abortSignal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
    expect(asked).toBe(0);
    await handler.handle(request);
    expect(asked).toBe(1);
  });

  test('lets a fault of the sandbox itself through', async () => {
    const sent = client(async () => {
      throw new Error('the sandbox broke');
    }).send(new sts.GetCallerIdentityCommand({}));
    await expect(sent).rejects.toThrow('the sandbox broke');
  });

  test('tells a client of JSON why, where no service was named', async () => {
    const handle = async () =>
      encodeFault(undefined, new AwsFault('MissingAuthenticationToken', 'Missing token', { status: 403 }), 'r');
    const settings = { region, credentials, maxAttempts: 1, requestHandler: requestHandler(handle) };
    const error = await thrownBy(new guardduty.GuardDutyClient(settings).send(new guardduty.ListDetectorsCommand({})));
    expect(error).toMatchObject({ name: 'MissingAuthenticationToken', message: 'Missing token' });
  });
});

describe('routes', () => {
  /** The barest request that the route itself describes. */
  const requestOf = (uri: string, { method, constants, required }: Route): HttpRequest => {
    const url = new URL(uri.replace(/\?.*$/, '').replace(/\{[^}]+\}/g, 'x'), 'https://example.com');
    const named = (place: string) => required.filter(({ at }) => at === place).map(({ name }) => [name, '1'] as const);
    for (const [name, value] of [...constants, ...named('query')]) url.searchParams.set(name, value);
    return { method, url, headers: Object.fromEntries(named('header')), body: new Uint8Array() };
  };

  test.each([services.guardduty, services.lambda, services.s3])(
    'of $name lead each request to its own operation',
    (service) => {
      const found = service.routes.map((route) => {
        const request = requestOf(service.operations.get(route.operation)?.http?.uri ?? '', route);
        const bucket = route.inBucket ? 'b1' : undefined;
        return findRoute(service.routes, request, { path: request.url.pathname, bucket })?.operation;
      });
      expect(found).toEqual([...service.operations.keys()].sort());
    },
  );
});

describe('what a client encodes is decoded to the same input', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  // XML has no control characters, and its readers may trim white space at the ends.
  const xmlText = text.filter((value) => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(value) && value.trim() === value);
  const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
  const optional = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(members, { requiredKeys: [] });
  // WHATWG URLs fold such segments of a path away.
  const dots = /(^|\/)\.{1,2}(\/|$)/;
  const runs = { numRuns: 40 };

  const decodedFrom = async (
    service: AwsService,
    send: (settings: ReturnType<typeof serve>['settings']) => Promise<unknown>,
  ) => decodeCall(service, await sentBy(send));

  test('by ec2Query', async () => {
    const permission = optional({
      IpProtocol: text,
      FromPort: fc.integer(),
      IpRanges: some(optional({ CidrIp: text, Description: text }).filter((range) => Object.keys(range).length > 0)),
    }).filter((value) => Object.keys(value).length > 0);
    const input = fc.record({ GroupId: text, IpPermissions: some(permission), DryRun: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        const call = await decodedFrom(services.ec2, (settings) =>
          new ec2.EC2Client(settings).send(new ec2.RevokeSecurityGroupIngressCommand(value)),
        );
        expect(call).toEqual({ operation: 'RevokeSecurityGroupIngress', input: value });
      }),
      runs,
    );
  });

  test('by awsQuery', async () => {
    const input = fc.record({
      RoleName: text,
      Tags: fc.array(fc.record({ Key: text, Value: fc.string() }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        const call = await decodedFrom(services.iam, (settings) =>
          new iam.IAMClient(settings).send(new iam.TagRoleCommand(value)),
        );
        expect(call).toEqual({ operation: 'TagRole', input: value });
      }),
      runs,
    );
  });

  test('by awsJson', async () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((value) => new Date(value * 1000));
    const input = fc.record({
      Entries: some(optional({ Source: text, Detail: fc.string(), Time: seconds, Resources: fc.array(text) })),
    });
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        const call = await decodedFrom(services.events, (settings) =>
          new events.EventBridgeClient(settings).send(new events.PutEventsCommand(value)),
        );
        expect(call).toEqual({ operation: 'PutEvents', input: value });
      }),
      runs,
    );
  });

  test('by restJson1, and signed as it is read', async () => {
    const label = text.filter((value) => !dots.test(value));
    const input = fc.record({ Resource: label, TagKeys: some(text) });
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        const request = await sentBy((settings) =>
          new lambda.LambdaClient(settings).send(new lambda.UntagResourceCommand(value)),
        );
        expect(await decodeCall(services.lambda, request)).toEqual({ operation: 'UntagResource', input: value });
        const signature = readSignature(request);
        expect(signature && verifySignature(request, signature, credentials.secretAccessKey)).toBe(true);
      }),
      runs,
    );
  });

  test('by restXml, and signed as it is read', async () => {
    const input = fc.record({
      Key: xmlText.filter((value) => !dots.test(value)),
      Tagging: fc.record({ TagSet: fc.array(fc.record({ Key: xmlText, Value: xmlText }), { maxLength: 3 }) }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ Key, Tagging }) => {
        const request = await sentBy((settings) =>
          new s3.S3Client(settings).send(new s3.PutObjectTaggingCommand({ Bucket: 'b1', Key, Tagging })),
        );
        expect(await decodeCall(services.s3, request)).toMatchObject({
          operation: 'PutObjectTagging',
          input: { Bucket: 'b1', Key, Tagging },
        });
        const signature = readSignature(request);
        expect(signature && verifySignature(request, signature, credentials.secretAccessKey)).toBe(true);
      }),
      runs,
    );
  });
});
