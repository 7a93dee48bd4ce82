import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { digest } from '../../model/json.ts';
import { ec2Arn, rowOf, withDryRun } from './ec2.ts';
import { instanceKind } from './ec2-instances.ts';
import { type InstanceRow, instances } from './ec2-rows.ts';
import { type InstanceProfileRow, instanceProfiles, profileNamed } from './iam-instance-profiles.ts';
import { roles } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page, type Right } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** An association has an id of its own, which AWS gives anew whenever the profile changes. */
const associationOf = ({ instanceId, instanceProfile }: InstanceRow): string =>
  `iip-assoc-0${digest([instanceId, instanceProfile?.arn ?? '']).slice(0, 16)}`;

const describe = (row: InstanceRow, State: ec2.IamInstanceProfileAssociationState) => ({
  AssociationId: associationOf(row),
  InstanceId: row.instanceId,
  IamInstanceProfile: { Arn: row.instanceProfile?.arn, Id: row.instanceProfile?.id },
  State,
});

const associated = ({ view, account, region }: Call): readonly InstanceRow[] =>
  view
    .all(instances)
    .map(([, row]) => row)
    .filter((row) => row.account === account && row.region === region && row.instanceProfile !== undefined);

function associationNamed(call: Call, id: string | undefined): InstanceRow {
  const row = associated(call).find((one) => associationOf(one) === id);
  if (row) return row;
  throw new AwsFault('InvalidAssociationID.NotFound', `The association ID '${id ?? ''}' does not exist`);
}

function wanted({ view, account }: Call, asked: ec2.IamInstanceProfileSpecification | undefined): InstanceProfileRow {
  const found = profileNamed(view, account, { arn: asked?.Arn, name: asked?.Name });
  if (found) return found;
  const [field, value] = asked?.Arn === undefined ? ['name', asked?.Name] : ['arn', asked.Arn];
  throw new AwsFault(
    'InvalidParameterValue',
    `Value (${value ?? ''}) for parameter iamInstanceProfile.${field} is invalid. Invalid IAM Instance Profile ${field}`,
  );
}

/** Whoever gives an instance a profile passes it the role in there (docs.aws.amazon.com/IAM, "PassRole"). */
function passing(call: Call, asked: ec2.IamInstanceProfileSpecification | undefined): readonly Right[] {
  const profile = profileNamed(call.view, call.account, { arn: asked?.Arn, name: asked?.Name });
  if (!profile) return [];
  const { account, partition } = call;
  const role = call.view.get(roles, `${account}/${profile.roleName}`);
  const on = role?.arn ?? `arn:${partition}:iam::${account}:role/${profile.roleName}`;
  return [{ action: 'iam:PassRole', on, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }];
}

function give({ world }: Call, row: InstanceRow, profile: InstanceProfileRow): InstanceRow {
  const next = { ...row, instanceProfile: { arn: profile.arn, id: profile.profileId } };
  world.rows.put(instances, row.instanceId, next);
  return next;
}

type Associated = { readonly AssociationId?: string | undefined };
const instanceOf = ({ AssociationId }: Associated, call: Call): string =>
  ec2Arn(call, 'instance', associated(call).find((one) => associationOf(one) === AssociationId)?.instanceId);

const operations = operationsOf<typeof ec2>()({
  DescribeIamInstanceProfileAssociations: {
    does({ AssociationIds = [], Filters = [], MaxResults, NextToken }, call) {
      const texts = (row: InstanceRow): Readonly<Record<string, string>> => ({
        'instance-id': row.instanceId,
        state: 'associated',
      });
      const rows = associated(call)
        .filter((row) => AssociationIds.length === 0 || AssociationIds.includes(associationOf(row)))
        .filter((row) => Filters.every(({ Name = '', Values = [] }) => Values.includes(texts(row)[Name] ?? '')));
      const { items, next } = page(rows, NextToken, MaxResults);
      return { IamInstanceProfileAssociations: items.map((row) => describe(row, 'associated')), NextToken: next };
    },
  },
  AssociateIamInstanceProfile: {
    on: ({ InstanceId }, call) => ec2Arn(call, 'instance', InstanceId),
    also: ({ IamInstanceProfile }, call) => passing(call, IamInstanceProfile),
    does({ InstanceId, IamInstanceProfile }, call) {
      const row = rowOf(call, instanceKind, InstanceId);
      const profile = wanted(call, IamInstanceProfile);
      if (row.instanceProfile)
        throw new AwsFault('IncorrectState', `There is an existing association for instance ${row.instanceId}`);
      return { IamInstanceProfileAssociation: describe(give(call, row, profile), 'associating') };
    },
  },
  ReplaceIamInstanceProfileAssociation: {
    on: instanceOf,
    also: ({ IamInstanceProfile }, call) => passing(call, IamInstanceProfile),
    does({ AssociationId, IamInstanceProfile }, call) {
      const row = associationNamed(call, AssociationId);
      const profile = wanted(call, IamInstanceProfile);
      return { IamInstanceProfileAssociation: describe(give(call, row, profile), 'associating') };
    },
  },
  DisassociateIamInstanceProfile: {
    on: instanceOf,
    does({ AssociationId }, call) {
      const { instanceProfile: _, ...row } = associationNamed(call, AssociationId);
      call.world.rows.put(instances, row.instanceId, row);
      return { IamInstanceProfileAssociation: { InstanceId: row.instanceId, AssociationId, State: 'disassociating' } };
    },
  },
});

/** Which profile each instance carries. Profiles that the estate gives instances, and lists nowhere else, hold a role of their name. */
export const ec2InstanceProfiles = awsNoun({
  name: 'instanceProfileAssociations',
  scope: 'region',
  estate: z.undefined(),
  seed(rows, _, { account, region }) {
    for (const [, row] of rows.all(instances)) {
      const { arn, id: profileId } = row.instanceProfile ?? {};
      if (row.account !== account || row.region !== region || arn === undefined || profileId === undefined) continue;
      const name = arn.slice(arn.lastIndexOf('/') + 1);
      if (!rows.get(instanceProfiles, arn))
        rows.put(instanceProfiles, arn, { account, name, profileId, arn, roleName: name });
    }
  },
  operations: { ec2: withDryRun(operations) },
});
