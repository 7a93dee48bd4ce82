import { bold, dim } from '../../../shared/cli/style.ts';
import { accessKeys } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { networkInterfaces } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { northwind } from '../desk.ts';
import { makeKey } from '../demo/attacker.ts';
import { playRelease, playScene, playWatch, type Stage } from '../demo/play.ts';
import type { Audience, DemoReport, SceneReport, WatchReport } from '../demo/report.ts';
import { scenes } from '../demo/scenes.ts';
import { onScreen, summary } from '../demo/screen.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { loadPlaybooks, usable } from '../playbooks.ts';
import { local, sandboxClouds } from '../wire.ts';

const inSilence: Audience = {
  scene: () => undefined,
  attack: () => undefined,
  matched: () => undefined,
  call: () => undefined,
  approval: () => undefined,
  outcome: () => undefined,
  leftAlone: () => undefined,
  watch: () => undefined,
  release: () => undefined,
  released: () => undefined,
};

const runOf = (reports: readonly SceneReport[], event: string): string =>
  reports.find((one) => one.event === event)?.runs[0]?.run ?? '';

const leakedKey = async ({ rows }: Sandbox): Promise<string> => {
  const key = rows.get(accessKeys, 'AKIACIDEPLOY00000001');
  return `access key ${key?.accessKeyId ?? ''} is ${key?.status ?? 'gone'}`;
};

const groupsOf =
  (instanceId: string) =>
  async ({ rows }: Sandbox): Promise<string> =>
    rows
      .all(networkInterfaces)
      .filter(([, row]) => row.attachment?.instanceId === instanceId)
      .map(([id, row]) => `${id} in ${row.groups.join(', ')}`)
      .join('; ');

/** Attackers make a new key within seconds of losing one, with whatever else they hold. */
const reKeyed = (stage: Stage): Promise<WatchReport> =>
  playWatch(
    stage,
    'Watch: the attacker makes a new key',
    makeKey('ci-deploy', 'ASIASAMLADMIN0000001'),
    async ({ rows }) =>
      rows
        .all(accessKeys)
        .flatMap(([id, { userName, status }]) => (userName === 'ci-deploy' ? [`access key ${id} is ${status}`] : []))
        .join('; '),
  );

async function releases(stage: Stage, reports: readonly SceneReport[]) {
  const by = 'astrid.holm@northwind.example';
  const approver = 'erik.dahl@northwind.example';
  const instance = runOf(reports, 'guardduty/compromised-instance');
  const key = runOf(reports, 'guardduty/leaked-access-key');
  return [
    await playRelease(
      stage,
      'Release: the instance is put back exactly',
      instance,
      { reactivateCredentials: false, by },
      groupsOf('i-0bb22cc33dd44ee55'),
    ),
    await playRelease(stage, 'Release: the leaked key stays off', key, { reactivateCredentials: false, by }, leakedKey),
    await playRelease(
      stage,
      'Release with --reactivate-credentials and a second person',
      key,
      { reactivateCredentials: true, by, approver },
      leakedKey,
    ),
  ];
}

/** A day at the sandbox company. Fails when anything that should be contained was not, or anything else was touched. */
export async function demo({
  json,
  playbooks,
}: {
  readonly json: boolean;
  readonly playbooks: readonly string[];
}): Promise<ExitCode> {
  const begun = performance.now();
  const { sandbox, settings, identities } = await northwind();
  const made = local({
    settings,
    clouds: sandboxClouds(sandbox, settings, identities),
    clock: sandbox.clock,
    file: ':memory:',
  });
  const stage: Stage = {
    ...made,
    sandbox,
    playbooks: usable(await loadPlaybooks(playbooks)),
    audience: json ? inSilence : onScreen,
  };
  if (!json) {
    console.log(
      bold('Cordon at Northwind '),
      dim('three AWS accounts, two Azure subscriptions, all of it simulated; the attacker’s keys are really tried'),
    );
    console.log(dim('● a change   ○ a read   ✗ refused        - before, + after, ~ changed'));
  }
  const reports: SceneReport[] = [];
  const watches: WatchReport[] = [];
  for (const scene of scenes) {
    reports.push(await playScene(stage, scene));
    if (scene.event === 'guardduty/leaked-access-key' && watches.length === 0) watches.push(await reKeyed(stage));
  }
  const report: DemoReport = {
    scenes: reports,
    watches,
    releases: await releases(stage, reports),
    seconds: (performance.now() - begun) / 1_000,
  };
  made.store.close();
  if (json) print(true, report, () => []);
  else summary(report);
  const held = watches.every(({ outcome }) => outcome === 'contained');
  return held && reports.every(({ asExpected }) => asExpected) ? exit.done : exit.failed;
}
