import type { Settings } from '../config/settings.ts';
import type { AwsPlace } from '../policy/compile-aws.ts';
import type { Need } from '../policy/grants.ts';
import type { Needs } from './rights-needed.ts';

/** Which account and regions policies are for; what is left out stays open for whoever deploys them. */
export type Asked = { readonly account?: string; readonly regions?: readonly string[]; readonly partition?: string };

/** Where the policies of one member account hold, by the settings. */
export function awsPlace({ aws }: Pick<Settings, 'aws'>, { account, regions = [], partition }: Asked = {}): AwsPlace {
  const { identityCenter, quarantineBucket, readerRole, writerRole, homePrincipals } = aws;
  return {
    partition: partition ?? aws.partition,
    account: account ?? '{account}',
    regions,
    values: {
      ...(identityCenter && { homeAccount: identityCenter.account }),
      ...(quarantineBucket && { quarantineBucket: quarantineBucket.name }),
    },
    readerRole,
    writerRole,
    homePrincipals,
  };
}

/** Services that answer in the account of IAM Identity Center alone. */
const ofIdentityCenter = ['sso', 'identitystore'];

/** What is of use in one account: Identity Center is administered in its own alone. All of it where no account is meant. */
export function neededIn({ reader, writer }: Needs, { aws }: Pick<Settings, 'aws'>, account?: string): Needs {
  const home = account === undefined || aws.identityCenter?.account === account;
  const useful = ({ grant: { allow } }: Need) => home || !ofIdentityCenter.includes(allow.split(':')[0] ?? '');
  return { reader: reader.filter(useful), writer: writer.filter(useful) };
}
