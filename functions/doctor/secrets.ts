import { namedSigner, namesKeys, readSigningKeys } from '../../shared/adapters/system/signer.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { CordonError, messageOf } from '../../shared/model/error.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Examined } from '../../shared/model/examined.ts';
import { linesOf } from './examined.ts';

const { ok, warning, missing } = linesOf('secrets');

const said = (thrown: unknown): string => (thrown instanceof CordonError ? thrown.message : messageOf(thrown));
const wayOut = (thrown: unknown): string =>
  (thrown instanceof CordonError && thrown.remedy) || 'Put it there, or correct the reference.';

type Named = { readonly where: string; readonly reference: string };

const isReference = (text: string): boolean => /^(env|ssm|secretsmanager|keyvault):/.test(text);

/** The secrets that the channels name. */
function namedIn({ channels }: Settings): readonly Named[] {
  return channels.flatMap((channel) =>
    Object.entries(channel).flatMap(([key, value]) =>
      ['token', 'signingSecret', 'secret', 'url'].includes(key) && typeof value === 'string' && isReference(value)
        ? [{ where: `channels ${channel.name}.${key}`, reference: value }]
        : [],
    ),
  );
}

async function readLine(secrets: Secrets, { where, reference }: Named): Promise<Examined> {
  try {
    await secrets.read(reference);
    return ok(`${where} can be read (${reference})`);
  } catch (thrown) {
    return missing(`${where} cannot be read: ${said(thrown)}`, wayOut(thrown));
  }
}

/** The ring that signs votes, containments and anchors: a signature made and checked, never shown. */
async function keysLine(secrets: Secrets, keys: string | undefined, stage: string): Promise<Examined> {
  if (!keys)
    return warning(
      'CORDON_SIGNING_KEYS is not set here: whether the deployment can sign was not tried',
      `Set it as the deployment has it, as k1=secretsmanager:cordon-${stage}/signing-key, and ask again.`,
    );
  try {
    if (!namesKeys(keys)) return ok(`${readSigningKeys(keys).length} signing keys, written out`);
    const signer = namedSigner(keys, secrets);
    const text = 'cordon-doctor/1';
    if (await signer.verify(text, await signer.sign(text))) return ok('the signing keys can be read, and sign');
    return missing('the signing keys do not verify what they sign', 'Replace them.');
  } catch (thrown) {
    return missing(`the signing keys cannot be used: ${said(thrown)}`, wayOut(thrown));
  }
}

/** Whether every secret that is named can be read with the rights of whoever asks. */
export const examineSecrets = (
  settings: Settings,
  secrets: Secrets,
  keys: string | undefined,
): Promise<readonly Examined[]> =>
  Promise.all([keysLine(secrets, keys, settings.stage), ...namedIn(settings).map((named) => readLine(secrets, named))]);
