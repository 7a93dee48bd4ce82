import type { Catalogue } from '../shared/action/catalogue.ts';
import { awsActions } from '../shared/actions/aws/catalogue.ts';
import { azureActions } from '../shared/actions/azure/catalogue.ts';
import type { Clouds } from '../shared/ports/clouds.ts';

/** The actions of both clouds. */
export const allActions: Catalogue = { ...awsActions, ...azureActions };

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
