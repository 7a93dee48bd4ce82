import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

const Input = z
  .strictObject({
    servicePrincipalId: z.guid().optional().describe('Object id of the service principal that the secret is on.'),
    applicationId: z.guid().optional().describe('Or the object id of the application that it is on.'),
    keyId: z.guid().describe('The id of the secret, as Entra and its audit log name it.'),
  })
  .refine(
    ({ servicePrincipalId, applicationId }) => (servicePrincipalId === undefined) !== (applicationId === undefined),
    'either servicePrincipalId or applicationId is needed',
  );

const Credentials = z.array(z.object({ keyId: z.string(), displayName: z.string().nullish() }));
const Holder = z.object({ passwordCredentials: Credentials, keyCredentials: Credentials });

const pathOf = ({ servicePrincipalId, applicationId }: z.infer<typeof Input>): string =>
  applicationId === undefined ? `/servicePrincipals/${servicePrincipalId}` : `/applications/${applicationId}`;

async function read(azure: AzureSession, path: string, signal: AbortSignal) {
  const fields = Object.keys(Holder.shape).join(',');
  const found = await unlessAbsent(() => azure.graph('GET', `${path}?$select=${fields}`, signal));
  return found === undefined ? undefined : Holder.parse(found);
}

/** The path that a resource of a plan names, and the secret there. */
function placeOf(resource: string): readonly [path: string, keyId: string] {
  const at = resource.lastIndexOf('/');
  return [resource.slice(0, at), resource.slice(at + 1)];
}

/**
 * Takes one secret away from an application or its service principal
 * (learn.microsoft.com/graph/api/application-removepassword): who holds it signs in no more, and whoever has another
 * secret goes on. Certificates are left to people, because Graph replaces all of them in one write.
 */
export const entraRemoveApplicationCredential = azureAction({
  id: 'azure.entra.remove-application-credential',
  title: 'Take a secret away from an application of Entra',
  target: 'azure.entra.service-principal',
  d3fend: 'D3-CR',
  input: Input,
  value: z.strictObject({ displayName: z.string() }),
  permissions: {
    read: [{ allow: 'graph:Application.Read.All', on: '*' }],
    write: ['applications', 'servicePrincipals'].map((kind) => ({
      allow: `entra:microsoft.directory/${kind}/credentials/update`,
      on: '*',
    })),
  },
  settles: { seconds: 30 },
  irreversible: 'Entra never shows a secret again: who used it rightly needs a new one',
  cautions: [
    'Tokens already issued stay valid for about an hour.',
    'Other secrets, certificates and federated credentials that were added stay.',
    'Whoever added it may add another: contain who did it as well.',
  ],
  examples: [
    {
      applicationId: '0a1b2c3d-0000-4000-8000-00000000c002',
      keyId: '0a1b2c3d-0000-4000-8000-00000000b0b2',
    },
  ],
}).does({
  async capture(azure, input, { signal }) {
    const path = pathOf(input);
    const found = await read(azure, path, signal);
    if (!found) return {};
    const is = ({ keyId }: { readonly keyId: string }): boolean => keyId.toLowerCase() === input.keyId.toLowerCase();
    if (found.keyCredentials.some(is))
      throw new InvalidInput({
        code: 'certificate',
        message: `${input.keyId} is a certificate of ${path}`,
        remedy: 'Remove it under App registrations, Certificates & secrets.',
      });
    const secret = found.passwordCredentials.find(is);
    return { [`${path}/${input.keyId}`]: secret ? { displayName: secret.displayName ?? '' } : null };
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((resource) => [resource, null])),
  async apply(azure, { resource, to }, { signal }) {
    const [path, keyId] = placeOf(resource);
    if (to === null) await azure.graph('POST', `${path}/removePassword`, signal, { keyId });
  },
});
