import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { examineSettings } from '../../functions/doctor/settings.ts';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { readSettingsFile } from '../../functions/settings-file.ts';
import { commanded } from '../support/cordon-command.ts';
import { textOf } from '../support/printed-commands.ts';

const file = 'functions/cordon.example.yaml';
const root = fileURLToPath(new URL('../../', import.meta.url));
const playbooks = usable(await loadPlaybooks([`${root}playbooks`]));
const text = textOf(file);

/** The example with all that it only offers, which stands there as comments. */
const whole = text.replaceAll(/^( *)# ( *(?:- )?(?:\w+:(?: .*)?|[0-9a-f-]{36}))$/gm, '$1$2');

const notGood = (settings: string, stage: string) =>
  examineSettings(readSettingsFile(settings, file, {}, stage).settings, playbooks).filter(({ mark }) => mark !== 'ok');

describe('the settings that people begin with', () => {
  it('are taken by the command, and change nothing as they stand', async () => {
    const { code, out, err } = await commanded(root, ['--config', file, 'config', '--changed']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Stage staging: plans only, changes nothing.');
  });

  it.each(['staging', 'production'])('lack in %s nothing but the ids that the deployment makes', (stage) => {
    expect(notGood(text, stage)).toEqual([
      expect.objectContaining({ mark: 'warning', what: expect.stringMatching(/^the identities that Cordon runs as/) }),
    ]);
  });

  it.each(['staging', 'production'])('lack in %s nothing at all with what they offer', (stage) => {
    expect(whole.split('\n').filter((line, at) => line !== text.split('\n')[at]).length).toBeGreaterThan(20);
    expect(notGood(whole, stage)).toEqual([]);
    const { settings } = readSettingsFile(whole, file, {}, stage);
    expect(settings).toMatchObject({
      channels: [{ kind: 'sns' }, { kind: 'slack' }, { kind: 'webhook' }],
      protections: [{ name: 'the payment database' }],
      drills: { canaries: [expect.any(String)] },
      azure: { identities: [expect.any(String)], logging: { defenderPlans: { VirtualMachines: { subPlan: 'P2' } } } },
    });
  });

  it('name the roles that the templates make for the functions', () => {
    const made = [...textOf('functions/aws/deploy/roles.yml').matchAll(/RoleName: .*-(\w+)$/gm)].map(
      ([, name]) => name,
    );
    const { homePrincipals } = readSettingsFile(text, file).settings.aws;
    for (const stage of ['staging', 'production'])
      for (const name of made)
        expect(homePrincipals).toContain(`arn:aws:iam::111122223333:role/cordon-${stage}-${name}`);
    expect(homePrincipals).toHaveLength(2 * made.length);
  });
});
