import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { azureFault } from '../../actions/azure/fault.ts';
import type { Clouds, Session } from '../../ports/clouds.ts';
import { confirmAzure } from './confirm.ts';
import { inspectAzure } from './inspect.ts';
import { type AzureConnection, azureSessions } from './sessions.ts';

const asAzure = (session: Session): AzureSession => {
  if (session.cloud === 'azure') return session as AzureSession; // only azureSessions makes them
  throw new TypeError('not an Azure session');
};

const calling = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (thrown) {
    throw azureFault(thrown);
  }
};

/** Azure as the run sees it. */
export function azureClouds(connection: AzureConnection): Clouds {
  const open = azureSessions(connection);
  return {
    session: (request) => open(request),
    rehearse: async (request, note) => {
      const { rehearseAzure } = await import('./rehearsal.ts');
      return rehearseAzure(connection, request, note);
    },
    inspect: (session, target) => calling(() => inspectAzure(asAzure(session), target)),
    confirm: (session, finding, target) => calling(() => confirmAzure(asAzure(session), finding, target)),
    report: async (session, finding, progress) => {
      const { reportDefender } = await import('./report-defender.ts');
      return calling(() => reportDefender(asAzure(session), finding, progress));
    },
  };
}
