import { expect, test } from 'vitest';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const permission = 'detail.requestParameters.createVolumePermission';
const sharedIn = (members: Readonly<Record<string, Json | undefined>>) =>
  findingIn(withMembers(readEvent('cloudtrail/shared-snapshot'), members)).resources.flatMap((one) =>
    one.type === 'aws.ebs.snapshot' || one.type === 'aws.ec2.image' ? [one.sharedWith ?? 'nobody'] : [],
  );

test.each<[string, Json, readonly unknown[]]>([
  ['everybody', { add: { items: [{ group: 'all' }] } }, [['all']]],
  ['accounts, each once', { add: { items: [{ userId: '2' }, { userId: '1' }, { userId: '2' }] } }, [['1', '2']]],
  ['nobody, where sharing is taken back', { remove: { items: [{ group: 'all' }] } }, ['nobody']],
  ['nobody, where the list is of another form', { add: { items: 'all' } }, ['nobody']],
])('a snapshot is shared with %s', (_, said, expected) => {
  expect(sharedIn({ [permission]: said })).toEqual(expected);
});

test('an image is shared with an organisation', () => {
  const organizationArn = 'arn:aws:organizations::777788889999:organization/o-somebodyelse';
  const shared = sharedIn({
    'detail.eventName': 'ModifyImageAttribute',
    'detail.requestParameters': {
      imageId: 'ami-0aa11bb22cc33d601',
      launchPermission: { add: { items: [{ organizationArn }] } },
    },
  });
  expect(shared).toEqual([[organizationArn]]);
});
