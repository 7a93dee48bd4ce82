import { expect } from 'vitest';
import { principals } from '../../../shared/sandbox/azure/rows.ts';
import type { Attack } from '../../support/attack.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const pipeline = '0a1b2c3d-0000-4000-8000-00000000a002';
const reader = '0a1b2c3d-0000-4000-8000-00000000a001';
const keyId = '0a1b2c3d-0000-4000-8000-0000000f00b1';
const described = (...ids: readonly string[]): string =>
  JSON.stringify(ids.map((id) => `[KeyIdentifier=${id},KeyType=Password,KeyUsage=Verify,DisplayName=backup]`));

/** A second secret is added to the pipeline's service principal, to come back with. */
export const attack: Attack = {
  title: 'A secret is added to an application, to come back with when the password is changed',
  known: 'ATT&CK T1098.001, Stratus Red Team entra-id.persistence.backdoor-application-sp',
  answer: 'Once a person agrees the secret is taken away; the application goes on with its own, and so do all others',
  clouds: ['azure'],
  optIn: 'application-credential-added',
  async play({ sandbox, works, fails, arrives, agreed }) {
    const row = sandbox.rows.get(principals, pipeline);
    if (!row) throw new Error('the estate has no pipeline');
    const added = { keyId, displayName: 'backup', secret: 'added-by-the-attacker' };
    sandbox.rows.put(principals, pipeline, { ...row, passwords: [...(row.passwords ?? []), added] });
    const arm = 'https://management.azure.com/.default';
    const signsIn = (id: string, secret: string) => sandbox.credential(id, secret).getToken(arm);
    await works('the attacker signs in with the added secret', () => signsIn(pipeline, added.secret));
    const event = withMembers(readEvent('entra/role-added'), {
      'properties.activityDisplayName': 'Add service principal credentials',
      'properties.targetResources': [
        {
          id: pipeline,
          displayName: 'deploy-pipeline',
          type: 'ServicePrincipal',
          modifiedProperties: [{ displayName: 'KeyDescription', oldValue: '[]', newValue: described(keyId) }],
        },
      ],
    });
    const runs = await arrives(event);
    expect(runs.map(({ status }) => status)).toEqual(['waiting', 'waiting']);
    await agreed();
    await fails('the attacker signs in with the added secret');
    await signsIn(pipeline, 'pipeline-secret');
    await signsIn(reader, 'invoices-secret');
  },
};
