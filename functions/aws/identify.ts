import { own } from '../../shared/model/json.ts';
import type { Identify } from '../../shared/ports/identify.ts';

const assumedRole = /^(arn:[^:]+:sts::\d{12}:assumed-role\/([^/]+))\/[^/]+$/;

/**
 * Whom an IAM caller counts as. Whoever may assume a role chooses the session's name, so that one person could come
 * as two: the session counts as its role. IAM Identity Center alone names sessions after people, and keeps its roles
 * to itself.
 */
function principalOf(userArn: string): string {
  const [, role, name] = assumedRole.exec(userArn) ?? [];
  return role !== undefined && !name?.startsWith('AWSReservedSSO_') ? role : userArn;
}

/** The caller as API Gateway's authorizer has proven it (a JWT's subject, or an IAM principal); headers prove nothing. */
export const identifyByGateway: Identify = async (_, host) => {
  const authorizer = own(own(host, 'requestContext'), 'authorizer');
  const subject = own(own(own(authorizer, 'jwt'), 'claims'), 'sub');
  if (typeof subject === 'string' && subject !== '') return { id: subject };
  const userArn = own(own(authorizer, 'iam'), 'userArn');
  return typeof userArn === 'string' && userArn !== '' ? { id: principalOf(userArn) } : undefined;
};
