// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.iam.disable-access-key': {
    hash: 'e0544d4eb1ac54d4b15ab5bbd9e791c9e9fbf28d65d3119c27adb7ddb4f3a38e',
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
};
