import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { allActions, allReads } from '../../functions/wire.ts';
import { grantCompiled } from '../../functions/local/rights.ts';
import { Settings } from '../../shared/config/settings.ts';
import { shippedRights } from '../../shared/generate/roles.ts';
import { Playbook } from '../../shared/model/playbook.ts';
import { Target } from '../../shared/model/target.ts';
import { awsPlace, neededIn } from '../../shared/playbook/aws-place.ts';
import { type Declared, type RightsNeeded, rightsNeeded } from '../../shared/playbook/rights-needed.ts';
import { accessLevels } from '../../shared/policy/access-levels.ts';
import { compileAws } from '../../shared/policy/compile-aws.ts';
import { compileAzure } from '../../shared/policy/compile-azure.ts';
import { acceptedPaths } from '../../shared/policy/escalation.ts';
import { awsPaths, azurePaths, judgeAws, judgeAzure } from '../../shared/policy/judge-rights.ts';
import { policiesPerRole } from '../../shared/policy/split.ts';
import { writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { company, identities, production } from '../support/company.ts';

const root = new URL('../../', import.meta.url);
const declared: Declared = { catalogue: allActions, reads: allReads, writeBack: writeBackGrants };
const playbooks = usable(await loadPlaybooks([fileURLToPath(new URL('playbooks', root))]));
const shipped = await shippedRights(root, allActions);
const place = awsPlace(Settings.parse({}), { partition: '{partition}' });
const policies = compileAws(shipped.aws, place);
const roles = compileAzure(shipped.azure);

const namesOf = (needs: RightsNeeded['aws']['reader']): string[] =>
  [...new Set(needs.map(({ grant }) => grant.allow))].sort();
const purposesOf = (needs: RightsNeeded['aws']['reader']): string[] =>
  [...new Set(needs.map(({ purpose }) => purpose))].sort();

const playbook = (head: object, action: string, more: object = {}): Playbook =>
  Playbook.parse({ id: 'one', title: 'One', ...head, steps: [{ id: 'do', action, ...more }] });

describe('the rights of the shipped playbooks', () => {
  it('are no more and no fewer than what is declared', () => {
    for (const holder of ['reader', 'writer'] as const) {
      const statements = policies[holder].documents.flatMap(({ Statement }) => Statement);
      const granted = statements.flatMap(({ Effect, Action = [] }) => (Effect === 'Allow' ? Action : []));
      expect([...new Set(granted)].sort()).toEqual(namesOf(shipped.aws[holder]));
    }
  });

  it('have nothing that no right may be', () => {
    expect(judgeAws(policies)).toEqual([]);
    expect(judgeAzure(roles)).toEqual([]);
  });

  it('leave the reader no known path to more rights, and the writer just those that are accepted', () => {
    const found = [...awsPaths(policies), ...azurePaths(roles)];
    expect(found.filter(({ holder }) => holder === 'reader')).toEqual([]);
    // those come with a playbook that a company chooses
    const chosen = ['AddApplicationCredential', 'AddServicePrincipalCredential'];
    const shipped = Object.keys(acceptedPaths).filter((path) => !chosen.includes(path));
    expect(found.map(({ path }) => path).sort()).toEqual(shipped.sort());
  });

  it('fit into the policies that a role may have', () => {
    expect(policies.reader.documents.length).toBeLessThanOrEqual(policiesPerRole);
    expect(policies.writer.documents.length).toBeLessThanOrEqual(policiesPerRole);
  });

  it('let the reader do nothing that the writer does to change something', () => {
    const writes = namesOf(shipped.aws.writer).filter((allow) =>
      /Write|Tagging/.test(accessLevels[allow]?.level ?? ''),
    );
    expect(writes.length).toBeGreaterThan(20);
    expect(namesOf(shipped.aws.reader).filter((allow) => writes.includes(allow))).toEqual([]);
  });
});

describe('the rights of one playbook', () => {
  const disable = playbook(
    { on: { finding: { provider: ['guardduty'] } }, targets: { type: ['aws.iam.access-key'] } },
    'aws.iam.disable-access-key',
  );

  it('are those of its actions, of the kinds of target it picks and of the providers it answers', async () => {
    const { aws, azure, unknown } = await rightsNeeded(declared, { playbooks: [disable] });
    expect(purposesOf(aws.reader)).toEqual([
      'aws.iam.disable-access-key',
      'confirm guardduty',
      'inspect aws.iam.access-key',
    ]);
    expect(purposesOf(aws.writer)).toEqual(['aws.iam.disable-access-key', 'write back']);
    expect({ azure, unknown }).toEqual({ azure: { reader: [], writer: [] }, unknown: [] });
  });

  it('are those of every alternative of its trigger, and of no provider of a cloud that its targets are not of', async () => {
    const either = {
      ...disable,
      on: { $or: [{ finding: { provider: ['guardduty'] } }, { finding: { type: ['x'] } }] },
    };
    const { aws, azure } = await rightsNeeded(declared, { playbooks: [either] });
    expect(purposesOf(aws.reader)).toEqual([
      ...['aws.iam.disable-access-key', 'confirm guardduty', 'confirm guardduty-s3', 'confirm security-hub'],
      'inspect aws.iam.access-key',
    ]);
    expect(azure.reader).toEqual([]);
  });

  it('are those of the actions that its verb means for the targets it picks', async () => {
    const isolate = (target: string) =>
      playbook(
        { on: { finding: { provider: ['defender'] } }, targets: { type: ['azure.compute.virtual-machine'] } },
        'isolate-compute',
        {
          with: { target },
        },
      );
    const own = await rightsNeeded(declared, { playbooks: [isolate('${target}')] });
    expect(own.aws.writer).toEqual([]);
    expect(purposesOf(own.azure.writer)).toEqual(['azure.compute.isolate-virtual-machine', 'write back']);
    const any = await rightsNeeded(declared, { playbooks: [isolate('${finding.resources.0}')] });
    expect(purposesOf(any.aws.writer)).toEqual(['aws.ec2.isolate-instance']);
  });

  it('are none where people alone are asked', async () => {
    const tell = playbook(
      { on: { finding: { provider: ['cost-anomaly'] } }, targets: { type: ['aws.account'] } },
      'tell-person',
    );
    const { aws, azure } = await rightsNeeded(declared, { playbooks: [tell] });
    expect([aws, azure]).toEqual([
      { reader: [], writer: [] },
      { reader: [], writer: [] },
    ]);
  });

  it('write nothing back where nothing is to be', async () => {
    const quiet = { ...declared, writeBack: { aws: [], azure: [] } };
    const { aws } = await rightsNeeded(quiet, { playbooks: [disable] });
    expect(purposesOf(aws.writer)).toEqual(['aws.iam.disable-access-key']);
  });
});

describe('the rights of an open containment', () => {
  it('stay when its playbook is gone', async () => {
    const containments = [{ action: 'aws.iam.quarantine-user' }];
    const none = await rightsNeeded(declared, { playbooks: [] });
    expect(none.aws).toEqual({ reader: [], writer: [] });
    const { aws } = await rightsNeeded(declared, { playbooks: [], containments });
    expect(purposesOf(aws.reader)).toEqual(['aws.iam.quarantine-user', 'inspect aws.iam.user']);
    expect(namesOf(aws.writer)).toEqual([
      ...['iam:AttachUserPolicy', 'iam:DeleteUserPolicy', 'iam:DetachUserPolicy', 'iam:PutUserPolicy'],
    ]);
  });

  it('are told as unknown where this version has no such action', async () => {
    const { unknown } = await rightsNeeded(declared, { playbooks, containments: [{ action: 'aws.iam.gone' }] });
    expect(unknown).toEqual(['aws.iam.gone']);
  });
});

describe('a call that is not granted', () => {
  it('is refused at the sandbox company, so that a playbook’s own test shows it', async () => {
    const { sandbox, settings, clouds } = company();
    const target = Target.parse({
      ...{ type: 'aws.iam.user', id: 'ci-deploy', name: 'ci-deploy', userName: 'ci-deploy' },
      ...{ account: production, region: 'eu-west-1', role: 'affected' },
    });
    const inspected = async (needed: RightsNeeded) => {
      grantCompiled(sandbox, needed, settings, identities);
      const { signal } = new AbortController();
      const where = { cloud: 'aws', account: production, region: 'eu-west-1', rights: 'reader', signal } as const;
      return clouds.inspect(await clouds.session({ ...where, runId: 'abcdefghijklmnopqrstuvwxyz' }), target);
    };
    expect(await inspected(shipped)).toMatchObject({ lastAdministrator: false });
    const reader = shipped.aws.reader.filter(({ grant }) => grant.allow !== 'iam:ListEntitiesForPolicy');
    const refused = inspected({ ...shipped, aws: { ...shipped.aws, reader } });
    await expect(refused).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('iam:ListEntitiesForPolicy'),
    });
  });
});

describe('the policies of one account', () => {
  it('leave Identity Center to the account that it lives in', () => {
    const settings = Settings.parse({ aws: { identityCenter: { account: '999988887777', region: 'us-east-1' } } });
    const services = (account: string) =>
      new Set(namesOf(neededIn(shipped.aws, settings, account).writer).map((allow) => allow.split(':')[0]));
    expect(services('999988887777')).toContain('sso');
    expect(services('111122223333')).not.toContain('sso');
  });
});
