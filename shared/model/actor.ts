import * as z from 'zod';
import { sessionKinds } from './target.ts';

/** Who did it. Kept apart from what it was done to, even where both are the same principal. */
export const Actor = z.object({
  type: z.enum([
    'iam-user',
    'role-session',
    'federated-user',
    'root',
    'aws-account',
    'aws-service',
    'kubernetes-user',
    'entra-user',
    'service-principal',
    'other',
  ]),
  account: z.string().optional(),
  userName: z.string().optional(),
  accessKeyId: z.string().optional(),
  principalId: z.string().optional(),
  sessionName: z.string().optional(),
  sessionKind: z.enum(sessionKinds).optional(),
  role: z.object({ name: z.string(), arn: z.string() }).optional(),
  permissionSet: z.string().optional(),
  instanceId: z.string().optional(),
  userId: z.string().optional(),
  userPrincipalName: z.string().optional(),
  /** Application (client) id, where an application acted for itself. */
  appId: z.string().optional(),
  addresses: z.array(z.string()),
});
export type Actor = z.infer<typeof Actor>;
