#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { Argument, Command, CommanderError, Option } from 'commander';
import { atDesk, type Global } from './at-desk.ts';
import { complain, type ExitCode, exit, WrongUsage } from './output.ts';
import { addPeopleCommands } from './people-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';

const shipped = fileURLToPath(new URL('../../playbooks', import.meta.url));

/** Commander's parsed options of a command and those above it. */
const options = <T>(command: Command): Global & T => command.optsWithGlobals<Global & T>();

const codes =
  'Exit codes: 0 done, 1 failed, 2 usage, 3 invalid input, 4 stopped by a guardrail or waiting for a person.';

/** Every command with its options; each loads what it needs when it is called. */
export function program(finish: (code: ExitCode) => void, json = false): Command {
  const silent = { writeErr: () => undefined, outputError: () => undefined };
  const cordon = new Command('cordon')
    .configureOutput(json ? silent : {})
    .description('Answers cloud security findings with containment, on AWS and Azure.')
    .option('--json', 'print data instead of text; faults as data on stderr', false)
    .option('--config <file>', 'settings; or CORDON_CONFIG; without a cordon.yaml the sandbox company is used')
    .option('--stage <name>', 'the stage that is meant; or CORDON_STAGE; otherwise that of the settings')
    .option(
      '--deployment <address>',
      'ask this deployment over HTTP; or CORDON_DEPLOYMENT; local: this machine’s store',
    )
    .option('--sandbox', 'work at the sandbox company, whatever settings there are', false)
    .option('--state <folder>', 'where the local store lies', '.cordon')
    .addOption(new Option('--playbooks <path...>', 'playbook files or folders').default([shipped], 'those shipped'))
    .addHelpText('after', `\n${codes}`)
    .showHelpAfterError()
    .exitOverride();

  const add = (name: string, description: string): Command =>
    cordon.command(name).description(description).addHelpText('after', `\n${codes}`);
  const event = new Option(
    '--event <file>',
    'the event as it arrived, as JSON; - for standard input',
  ).makeOptionMandatory();

  add('demo', 'plays a day at the sandbox company: alerts in, containment out, everything taken back').action(
    async (_, command: Command) => finish(await (await import('./commands/demo.ts')).demo(options(command))),
  );

  add('match', 'says what events are, and which playbooks they would start')
    .argument('<paths...>', 'event files, or folders of them; - for standard input')
    .option('--explain', 'say which field decided, for every playbook', false)
    .option('--all', 'one line for each message: its source, its finding, or why there is none', false)
    .action(async (paths: string[], _, command: Command) => {
      const given = options<{ explain: boolean; all: boolean }>(command);
      if (given.all) finish(await (await import('./commands/match-all.ts')).matchAll(paths, given));
      else finish(await (await import('./commands/match.ts')).match(paths, given));
    });

  add('config', 'shows every setting as it holds, and where it comes from')
    .addArgument(new Argument('[show]', 'the only thing there is to do with it').choices(['show']).default('show'))
    .option('--changed', 'leave out what is as by default', false)
    .action(async (_, __, command: Command) =>
      finish(await (await import('./commands/config.ts')).showConfig(options<{ changed: boolean }>(command))),
    );

  add('plan', 'shows the exact changes a run would make; changes nothing')
    .addOption(event)
    .option('--playbook <id>', 'this playbook, whether its trigger matches or not')
    .option('--target <id>', 'only this target of the finding')
    .option('--as-commands', 'print it as aws and az lines that a person can run', false)
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/runs.ts')).plan(desk, options(command))).then(finish),
    );

  add('run', 'runs a playbook; a dry-run unless --enforce')
    .addOption(event)
    .option('--playbook <id>', 'this playbook, whether its trigger matches or not')
    .option('--target <id>', 'only this target of the finding')
    .option('--enforce', 'make the changes, where stage and playbook allow it', false)
    .option('--digest <sha256>', 'only the plan with this digest (its first 12 characters do)')
    .option('--as <person>', 'who you are, where this machine’s user name is not it')
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/runs.ts')).run(desk, options(command))).then(finish),
    );

  add('runs', 'lists runs, or shows one with its journal')
    .argument('[run]', 'one run')
    .option('--day <date>', 'runs opened on this day, as 2026-11-20')
    .action((id: string | undefined, _, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/runs.ts')).runs(desk, id, options(command)), {
        there: async (deployment) => (await import('./deployed/looks.ts')).runs(deployment, id, options(command)),
      }).then(finish),
    );

  add('explain', 'tells the whole story of a run: what was found, decided, changed, proven, and how to take it back')
    .argument('<run>', 'the run')
    .option('--as-commands', 'how to take it back by hand, as aws and az lines; changes nothing', false)
    .action((id: string, _, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/explain.ts')).explain(desk, id, options(command))).then(
        finish,
      ),
    );

  const audit = add('audit', 'proves the audit record, or hands it out');
  audit
    .command('verify')
    .description('holds every journal, or that of one run, against its hashes and its anchors')
    .argument('[run]', 'one run')
    .action((id: string | undefined, _, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/audit.ts')).verify(desk, id, options(command))).then(
        finish,
      ),
    );
  audit
    .command('export')
    .description('prints the audit records of a run as JSON Lines')
    .argument('<run>', 'the run')
    .action((id: string, _, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/audit.ts')).exportRun(desk, id)).then(finish),
    );
  audit
    .command('anchor')
    .description('puts the heads of journals that have grown outside the store, signed')
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/audit.ts')).anchorNow(desk, options(command))).then(
        finish,
      ),
    );

  add('doctor', 'checks a deployment: settings, people, secrets, roles, rights, sources; names what is missing')
    .option('--region <region...>', 'AWS regions in which sources are looked for; those of the settings when left out')
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/doctor.ts')).doctor(desk, options(command)), {
        there: async (deployment) => (await import('./deployed/doctor.ts')).doctor(deployment, options(command)),
        speaks: true,
      }).then(finish),
    );

  add('drill', 'contains and releases a canary, so that a missing right is found before the attack')
    .requiredOption('--target <id>', 'the canary: an ARN, access key, i-…, sg-… or ARM id, tagged cordon-canary')
    .option('--playbook <id>', 'drill the steps of this playbook')
    .option('--action <id>', 'drill one action')
    .option('--with <name=value...>', 'inputs of the action, where the target does not give them')
    .option('--account <id>', 'where the canary is, where its id does not say')
    .option('--region <region>', 'where the canary is, where its id does not say')
    .option('--enforce', 'do it; without, only the plan is shown', false)
    .option('--as <person>', 'who you are, where this machine’s user name is not it')
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/drill.ts')).drill(desk, options(command)), {
        there: async (deployment) => (await import('./deployed/drill.ts')).drill(deployment, options(command)),
      }).then(finish),
    );

  addPeopleCommands(add, finish);
  addPolicyCommands(add, finish);

  add('serve', 'answers over HTTP on this machine, for whoever holds the token it prints')
    .option('--port <number>', 'on the loopback interface; a free one when left out', '0')
    .action((_, command: Command) =>
      atDesk(command, async (desk) => (await import('./commands/serve.ts')).serve(desk, options(command))).then(finish),
    );

  add('pattern', 'checks the engine that reads event patterns')
    .command('check')
    .description('holds recorded verdicts of another engine against this one; 1 where they differ')
    .argument('<file>', 'a JSON array or JSON lines of patterns, events and verdicts; - for standard input')
    .action(async (file: string, _, command: Command) =>
      finish(await (await import('./commands/pattern-check.ts')).patternCheck(file, options(command))),
    );

  add('validate', 'checks playbooks without running them')
    .argument('[paths...]', 'playbook files or folders')
    .action(async (paths: string[], _, command: Command) => {
      const given = options<object>(command);
      finish(
        await (await import('./commands/validate.ts')).validate(paths.length > 0 ? paths : given.playbooks, given),
      );
    });

  add('test', 'runs the tests that playbooks carry, on the sandbox')
    .argument('[paths...]', 'playbook files or folders')
    .action(async (paths: string[], _, command: Command) => {
      const given = options<object>(command);
      finish(await (await import('./commands/test.ts')).test(paths.length > 0 ? paths : given.playbooks, given));
    });
  return cordon;
}

/** What commander says of a command line, as data. */
const usageOf = ({ message }: CommanderError): WrongUsage =>
  new WrongUsage({ code: 'usage', message: message.replace(/^error: /, ''), remedy: 'See --help.' });

/** Runs one command line; answers with its exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exit.done;
  const json = args.includes('--json');
  const cordon = program((given) => {
    code = given;
  }, json);
  try {
    await cordon.parseAsync([...args], { from: 'user' });
    return code;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return complain(thrown, json);
    if (thrown.exitCode === 0) return exit.done;
    return json ? complain(usageOf(thrown), json) : exit.usage;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
