import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { awsFault } from '../../actions/aws/fault.ts';
import type { Clouds, Session } from '../../ports/clouds.ts';
import { confirmAws } from './confirm.ts';
import { inspectAws } from './inspect.ts';
import { type AwsConnection, awsSessions } from './sessions.ts';

const asAws = (session: Session): AwsSession => {
  if (session.cloud === 'aws') return session as AwsSession; // only awsSessions makes them
  throw new TypeError('not an AWS session');
};

const calling = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (thrown) {
    throw awsFault(thrown);
  }
};

/** AWS as the run sees it. */
export function awsClouds(connection: AwsConnection): Clouds {
  const open = awsSessions(connection);
  return {
    session: (request) => open(request),
    rehearse: async (request, note) => {
      const { rehearseAws } = await import('./rehearsal.ts');
      return rehearseAws(await open({ ...request, rights: 'reader' }), note);
    },
    inspect: (session, target) => calling(() => inspectAws(asAws(session), target)),
    confirm: (session, finding, target) => calling(() => confirmAws(asAws(session), finding, target)),
    report: async (session, finding, progress) => {
      const { reportGuardDuty } = await import('./report-guardduty.ts');
      const { reportSecurityHub } = await import('./report-security-hub.ts');
      const report = finding.provider === 'guardduty' ? reportGuardDuty : reportSecurityHub;
      return calling(() => report(asAws(session), finding, progress));
    },
  };
}
