import type { Command } from 'commander';
import type { AwsOptions, AzureOptions } from './commands/policy.ts';
import type { CheckOptions } from './commands/policy-check.ts';
import { atDesk } from './at-desk.ts';
import type { ExitCode } from './output.ts';
import type { Common } from './person.ts';

type Add = (name: string, description: string) => Command;
type Finish = (code: ExitCode) => void;

const collected = (one: string, all: readonly string[]): readonly string[] => [...all, one];

/** The commands that write the rights of Cordon's roles, as narrow as its playbooks and open containments allow. */
export function addPolicyCommands(add: Add, finish: Finish): void {
  const policy = add('policy', 'writes the least rights that playbooks and open containments need');

  policy
    .command('aws')
    .description('managed policies of reader and writer in a member account')
    .option('--account <id>', 'one configured account; any, when left out')
    .option('--region <name>', 'only in this region; may be given more than once', collected, [])
    .option('--out <folder>', 'write each policy as a file')
    .action((_, command: Command) =>
      atDesk(command, async (desk) =>
        (await import('./commands/policy.ts')).policyAws(desk, command.optsWithGlobals<AwsOptions>()),
      ).then(finish),
    );

  policy
    .command('member-role')
    .description('prints the CloudFormation template of reader and writer in a member account')
    .action((_, command: Command) =>
      atDesk(command, async (desk) =>
        (await import('./commands/policy.ts')).policyMemberRole(desk, command.optsWithGlobals<Common>()),
      ).then(finish),
    );

  policy
    .command('azure')
    .description('custom roles of the identities that read and change')
    .option('--management-group <name>', 'where the roles without data actions are assignable; subscriptions otherwise')
    .option('--out <folder>', 'write each role as a file for az role definition create')
    .action((_, command: Command) =>
      atDesk(command, async (desk) =>
        (await import('./commands/policy.ts')).policyAzure(desk, command.optsWithGlobals<AzureOptions>()),
      ).then(finish),
    );

  policy
    .command('graph')
    .description('application permissions of Microsoft Graph, and those of a custom role of Entra')
    .action((_, command: Command) =>
      atDesk(command, async (desk) =>
        (await import('./commands/policy.ts')).policyGraph(desk, command.optsWithGlobals<Common>()),
      ).then(finish),
    );

  policy
    .command('check')
    .description('plays the tests of the playbooks with just these rights, and looks for what no right may be')
    .option('--strict', 'a right that no test uses is a fault too')
    .action((_, command: Command) =>
      atDesk(command, async (desk) =>
        (await import('./commands/policy-check.ts')).policyCheck(desk, command.optsWithGlobals<CheckOptions>()),
      ).then(finish),
    );
}
