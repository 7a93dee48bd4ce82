import type { Catalogue } from '../shared/action/catalogue.ts';
import { awsActions } from '../shared/actions/aws/catalogue.ts';
import { azureActions } from '../shared/actions/azure/catalogue.ts';
import { awsReads } from '../shared/adapters/aws/reads.ts';
import { azureReads } from '../shared/adapters/azure/reads.ts';
import type { ActiveFindings } from '../shared/ports/active-findings.ts';
import type { Clouds } from '../shared/ports/clouds.ts';

/** The actions of both clouds. */
export const allActions: Catalogue = { ...awsActions, ...azureActions };

/** What the adapters of both clouds read beside the actions. */
export const allReads = { aws: awsReads, azure: azureReads } as const;

/** Both clouds behind one port; each is loaded when a run first needs it. */
export function joinClouds(clouds: {
  readonly aws: () => Promise<Clouds>;
  readonly azure: () => Promise<Clouds>;
}): Clouds {
  const loaded: { aws?: Promise<Clouds>; azure?: Promise<Clouds> } = {};
  const of = (cloud: 'aws' | 'azure'): Promise<Clouds> => {
    const ready = loaded[cloud] ?? clouds[cloud]();
    loaded[cloud] = ready;
    return ready;
  };
  return {
    session: async (request) => (await of(request.cloud)).session(request),
    rehearse: async (request, note) => (await of(request.cloud)).rehearse(request, note),
    inspect: async (session, target) => (await of(session.cloud)).inspect(session, target),
    confirm: async (session, finding, target) => (await of(session.cloud)).confirm(session, finding, target),
    report: async (session, finding, progress) => (await of(session.cloud)).report(session, finding, progress),
  };
}

/** What the providers of both clouds hold as active, read with the reader's rights; what asks each is loaded when needed. */
export const activeFindings = (clouds: Clouds): ActiveFindings => ({
  async within(place, keeper, time, signal) {
    const session = await clouds.session({ ...place, rights: 'reader', runId: 'reconciliation', signal });
    switch (keeper) {
      case 'guardduty': {
        const { activeInGuardDuty } = await import('../shared/adapters/aws/active-findings.ts');
        return activeInGuardDuty(session, time, signal);
      }
      case 'security-hub': {
        const { activeInHub } = await import('../shared/adapters/aws/active-hub-findings.ts');
        return activeInHub(session, time, signal);
      }
      case 'defender': {
        const { activeOnAzure } = await import('../shared/adapters/azure/active-findings.ts');
        return activeOnAzure(session, time, signal);
      }
    }
  },
});
