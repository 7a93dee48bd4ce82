import type { Command } from 'commander';
import type { Deciding } from './commands/approvals.ts';
import type { Closing } from './commands/breakers.ts';
import type { Switching } from './commands/halt.ts';
import type { Releasing } from './commands/releases.ts';
import { atDesk } from './at-desk.ts';
import type { ExitCode } from './output.ts';
import type { Common } from './person.ts';

type Add = (name: string, description: string) => Command;
type Finish = (code: ExitCode) => void;

const whoYouAre = ['--as <person>', 'who you are, where this machine’s user name is not it'] as const;

function addQuestions(add: Add, finish: Finish): void {
  add('inbox', 'shows what waits for an answer: what was found, what is cut, what waits, until when')
    .option('--mine', 'only what you may answer', false)
    .option(...whoYouAre)
    .action((_, command: Command) => {
      const options = command.optsWithGlobals<Common & { mine: boolean }>();
      return atDesk(command, async (desk) => (await import('./commands/approvals.ts')).inbox(desk, options), {
        there: async (deployment) => (await import('./deployed/questions.ts')).inbox(deployment, options),
      }).then(finish);
    });

  for (const [name, verdict] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)
    add(name, `answers a question that a run waits for: ${verdict}`)
      .argument('<approval>', 'its id, as `cordon inbox` shows it')
      .requiredOption('--digest <sha256>', 'the plan you have read (its first 12 characters do)')
      .option('--as <person>', 'who you are; never the one who asked')
      .option('--note <text>', 'why', '')
      .action((id: string, _, command: Command) => {
        const options = { ...command.optsWithGlobals<Omit<Deciding, 'verdict'>>(), verdict };
        return atDesk(command, async (desk) => (await import('./commands/approvals.ts')).decide(desk, id, options), {
          there: async (deployment) => (await import('./deployed/questions.ts')).decide(deployment, id, options),
          decides: true,
        }).then(finish);
      });
}

function addSwitches(add: Add, finish: Finish): void {
  for (const [name, description] of [
    ['halt', 'stops changes at once: of one run, of a playbook, or all'],
    ['resume', 'lets changes go on, and carries on the runs that were held back'],
  ] as const)
    add(name, description)
      .argument('[run]', 'one run')
      .option('--playbook <id>', 'every run of this playbook')
      .option('--all', 'everything', false)
      .requiredOption('--why <text>', 'for the record, and for whoever is told')
      .option(...whoYouAre)
      .action((run: string | undefined, _, command: Command) => {
        const options = command.optsWithGlobals<Switching>();
        return atDesk(command, async (desk) => (await import('./commands/halt.ts'))[name](desk, run, options), {
          there: async (deployment) => (await import('./deployed/brakes.ts'))[name](deployment, run, options),
          decides: true,
        }).then(finish);
      });

  add('close-breaker', 'closes a circuit breaker that opened because too much was contained too fast')
    .argument('<account>', 'the account or subscription it stands for, or all')
    .requiredOption('--why <text>', 'what you have found, for the record')
    .option(...whoYouAre)
    .action((scope: string, _, command: Command) => {
      const options = command.optsWithGlobals<Closing>();
      return atDesk(command, async (desk) => (await import('./commands/breakers.ts')).close(desk, scope, options), {
        there: async (deployment) => (await import('./deployed/brakes.ts')).close(deployment, scope, options),
        decides: true,
      }).then(finish);
    });

  add('status', 'shows how things stand: brakes, runs, questions, what is cut off, what could not be told').action(
    (_, command: Command) => {
      const options = command.optsWithGlobals<Common>();
      return atDesk(command, async (desk) => (await import('./commands/status.ts')).status(desk, options), {
        there: async (deployment) => (await import('./deployed/looks.ts')).status(deployment, options),
      }).then(finish);
    },
  );
}

function addReleases(add: Add, finish: Finish): void {
  add('contained', 'lists what is cut off now: why, by whom, until when, and how to take it back').action(
    (_, command: Command) => {
      const options = command.optsWithGlobals<Common>();
      return atDesk(command, async (desk) => (await import('./commands/containments.ts')).contained(desk, options), {
        there: async (deployment) => (await import('./deployed/looks.ts')).contained(deployment, options),
      }).then(finish);
    },
  );

  add('release', 'shows how a run, or many at once, are taken back; with --enforce, or --digest for many, does it')
    .argument('[run]', 'the run to take back')
    .option('--only <containment>', 'one containment of the run, as `cordon contained` shows it')
    .option('--playbook <id>', 'many: runs of this playbook')
    .option('--since <time>', 'many: what was cut off since, as 1h or 2026-11-20T09:00:00Z')
    .option('--account <id>', 'many: runs in this account or subscription')
    .option('--enforce', 'make the changes of one run', false)
    .option('--digest <sha256>', 'only the plan with this digest')
    .option('--as-commands', 'print it as aws and az lines that a person can run; changes nothing', false)
    .option('--reactivate-credentials', 'hand credentials out again too; a second person must approve', false)
    .option(...whoYouAre)
    .action((run: string | undefined, _, command: Command) => {
      const options = command.optsWithGlobals<Releasing>();
      return atDesk(command, async (desk) => (await import('./commands/releases.ts')).release(desk, run, options), {
        there: async (deployment) => (await import('./deployed/releases.ts')).release(deployment, run, options),
        decides: options.enforce || options.digest !== undefined,
      }).then(finish);
    });

  add('holds', 'lists what was released and is not contained again by the same finding').action(
    (_, command: Command) => {
      const options = command.optsWithGlobals<Common>();
      return atDesk(command, async (desk) => (await import('./commands/containments.ts')).holds(desk, options), {
        there: async (deployment) => (await import('./deployed/looks.ts')).holds(deployment, options),
      }).then(finish);
    },
  );

  add('unhold', 'lets the finding of a released run count again')
    .argument('<run>', 'the run that was released')
    .option(...whoYouAre)
    .action((run: string, _, command: Command) => {
      const options = command.optsWithGlobals<Common & { as?: string }>();
      return atDesk(command, async (desk) => (await import('./commands/containments.ts')).unhold(desk, run, options), {
        there: async (deployment) => (await import('./deployed/looks.ts')).unhold(deployment, run, options),
        decides: true,
      }).then(finish);
    });
}

/** The commands with which people answer, stop, look and take back. */
export function addPeopleCommands(add: Add, finish: Finish): void {
  addQuestions(add, finish);
  addSwitches(add, finish);
  addReleases(add, finish);
}
