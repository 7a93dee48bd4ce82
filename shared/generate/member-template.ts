import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { isObject, type Json } from '../model/json.ts';
import { PolicyDocument, type Statement } from '../policy/document.ts';
import { denialsFor } from '../policy/denials.ts';
import type { Generated } from './generated.ts';

const Policies = z.object({ reader: z.array(PolicyDocument).min(1), writer: z.array(PolicyDocument).min(1) });
type Policies = z.output<typeof Policies>;

/** The placeholders of the compiled policies, as CloudFormation fills them in. */
const places: Readonly<Record<string, string>> = { partition: '${AWS::Partition}', account: '${AWS::AccountId}' };

/** A text with placeholders for Fn::Sub; what IAM is to fill in itself (`${aws:userid}`) is left to it. */
function substituted(text: string): Json {
  if (!/\{\w+\}/.test(text)) return text;
  const whole = text.replaceAll('${', '${!').replace(/(?<!\$)\{(\w+)\}/g, (unknown, name: string) => {
    const place = Object.hasOwn(places, name) ? places[name] : undefined;
    if (place === undefined) throw new TypeError(`the template of member accounts knows no ${unknown}`);
    return place;
  });
  return { 'Fn::Sub': whole };
}

function forCloudFormation(value: unknown): Json {
  if (Array.isArray(value)) return value.map(forCloudFormation);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, forCloudFormation(of)]));
  return typeof value === 'string' ? substituted(value) : z.json().parse(value);
}

/** A document as JSON, which is YAML: a line for each statement, as CloudFormation takes 51,200 bytes of a template that is not in S3. */
function documentIn({ Statement: all }: { readonly Statement: readonly Statement[] }, by: number): string {
  const space = ' '.repeat(by);
  const lines = all.map((statement) => `${space}  ${JSON.stringify(forCloudFormation(statement))}`);
  return `{"Version": "2012-10-17", "Statement": [\n${lines.join(',\n')} ]}`;
}

/** All that a role can ever be allowed, whatever else somebody attaches to it: what its policies name, what Cordon stands on left out. */
function boundaryOf(documents: Policies['reader']): PolicyDocument {
  const allowed = documents.flatMap(({ Statement: all }) => all.filter(({ Effect }) => Effect === 'Allow'));
  const actions = [...new Set(allowed.flatMap(({ Action = [] }) => Action))].sort();
  const most = { Sid: 'NoMore', Effect: 'Allow' as const, Action: actions, Resource: ['*'] };
  const never = denialsFor(actions, { partition: '{partition}', account: '{account}', homePrincipals: [] });
  return { Version: '2012-10-17', Statement: [most, ...never] };
}

const policy = (name: string, document: PolicyDocument, condition: string, what: string): string =>
  `  ${name}:
    Type: AWS::IAM::ManagedPolicy${condition}
    Properties:
      ManagedPolicyName: ${name}
      Description: ${what}
      PolicyDocument: ${documentIn(document, 6)}`;

type Role = { readonly name: string; readonly documents: Policies['reader']; readonly when: string };

/** A role with its policies and its boundary; only the home's functions may assume it, in a run of their own. */
function role({ name, documents, when }: Role): string {
  const condition = when === '' ? '' : `\n    Condition: ${when}`;
  const names = documents.map((_, at) => `${name}${at + 1}`);
  return `  ${name}:
    Type: AWS::IAM::Role${condition}
    Properties:
      RoleName: ${name}
      Description: Assumed by Cordon's functions alone
      MaxSessionDuration: 3600
      PermissionsBoundary: !Ref ${name}Boundary
      ManagedPolicyArns: [${names.map((one) => `!Ref ${one}`).join(', ')}]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { AWS: !Sub "arn:\${AWS::Partition}:iam::\${HomeAccount}:root" }
            Action: [sts:AssumeRole, sts:SetSourceIdentity]
            Condition:
              ArnEquals: { "aws:PrincipalArn": !Ref ${name.replace('Cordon', '')}Roles }
              StringEquals: { "sts:ExternalId": !Ref ExternalId }
              StringLike: { "sts:RoleSessionName": cordon-* }
              StringLikeIfExists: { "sts:SourceIdentity": cordon* }
${policy(`${name}Boundary`, boundaryOf(documents), condition, 'The most that this role can be allowed')}
${documents.map((document, at) => policy(names[at] ?? '', document, condition, 'What the actions of the playbooks need')).join('\n')}`;
}

const head = `# Made by \`npm run generate\` out of what the actions of the playbooks declare. Do not edit.
#
# What Cordon needs in an account that it protects: a reader, a writer where one is wanted, and the policy by which it
# denies an identity everything. Roles are assumed by the home's functions alone, with the external id, under a session
# name that begins with cordon-; so CloudTrail tells every call of Cordon's from everybody else's.
AWSTemplateFormatVersion: "2010-09-09"
Description: Roles of Cordon in a member account

Parameters:
  HomeAccount: { Type: String, AllowedPattern: "^\\\\d{12}$", Description: The account that Cordon is deployed in }
  ExternalId: { Type: String, NoEcho: true, MinLength: 16, Description: "aws.externalId in cordon.yaml, or that of the account" }
  ReaderRoles:
    Type: CommaDelimitedList
    Description: "ARNs of the home's roles that read: arn:aws:iam::<home>:role/cordon-<stage>-run, -schedule and -request"
  WriterRoles:
    Type: CommaDelimitedList
    Default: ""
    Description: "ARNs of the home's roles that change: arn:aws:iam::<home>:role/cordon-production-run and -schedule; none: no writer"

Conditions:
  HasWriter: !Not [!Equals [!Join ["", !Ref WriterRoles], ""]]

Resources:`;

const quarantine = `  # Attached to an identity, it may do nothing any more, whatever else it is allowed.
  CordonQuarantine:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: CordonQuarantine
      Description: Denies everything. Attached and detached by Cordon alone
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Deny, Action: "*", Resource: "*" }] }`;

/** The template of a member account, from the policies that `cordon policy` compiles for the shipped playbooks. */
export function memberTemplate(policies: unknown): Generated {
  const { reader, writer } = Policies.parse(policies);
  const parts = [
    head,
    role({ name: 'CordonReader', documents: reader, when: '' }),
    role({ name: 'CordonWriter', documents: writer, when: 'HasWriter' }),
    quarantine,
  ];
  return { path: 'functions/aws/deploy/member.yml', text: `${parts.join('\n')}\n` };
}

/** The same from the policies as they stand in the project. */
export async function memberTemplateIn(root: URL): Promise<Generated> {
  const text = await readFile(new URL('functions/aws/deploy/member-policies.json', root), 'utf8');
  return memberTemplate(JSON.parse(text));
}
