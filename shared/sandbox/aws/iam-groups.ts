import * as z from 'zod';
import { groups } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { PolicySource, policyText } from './policy-source.ts';

const Group = z.strictObject({
  name: z.string(),
  path: z.string().default('/'),
  attached: z.array(z.string()).default([]),
  inline: z.record(z.string(), PolicySource).default({}),
});

/** IAM groups: their members' calls are judged by these policies too. */
export const iamGroups = awsNoun({
  name: 'groups',
  scope: 'account',
  estate: z.array(Group).default([]),
  seed(rows, list, { partition, account }) {
    for (const { name, path, attached, inline } of list)
      rows.put(groups, `${account}/${name}`, {
        account,
        name,
        arn: `arn:${partition}:iam::${account}:group${path}${name}`,
        attached,
        inline: Object.fromEntries(Object.entries(inline).map(([policy, source]) => [policy, policyText(source)])),
      });
  },
  operations: {},
});
