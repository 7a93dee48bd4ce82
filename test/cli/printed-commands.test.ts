import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { own } from '../../shared/model/json.ts';
import rights from '../../functions/azure/deploy/rights.generated.json' with { type: 'json' };
import { program } from '../../functions/local/cordon.ts';
import project from '../../package.json' with { type: 'json' };
import { readTagged } from '../support/cloud-formation.ts';
import { commanded } from '../support/cordon-command.ts';
import { commandsOf, headingsOf, linksOf, textOf, wordsOf } from '../support/printed-commands.ts';

const page = 'functions/deploy.md';
const pages = [page, 'README.md'];
const there = (path: string): boolean => existsSync(new URL(`../../${path}`, import.meta.url));
const memberAt = (value: unknown, ...path: readonly string[]): unknown => path.reduce(own, value);
const keys = (value: unknown): readonly string[] => Object.keys(Object(value));
const named = (text: string, form: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(form)].map(([, name = '']) => name)),
];

/** The command that words begin with, and what is left of them. */
function found(above: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const [word, ...rest] = words;
  const command = above.commands.find((one) => one.name() === word);
  return command ? found(command, rest) : { command: above, rest: words };
}

const lines = (of: string): readonly string[] =>
  commandsOf(of).flatMap((line) => named(line, /npm run cordon -- (.*)$/g));
const cordon = program(() => undefined);

describe.each(pages)('%s', (of) => {
  it('prints commands of `cordon` that there are, with options that they take and all that they need', () => {
    expect(lines(of).length).toBeGreaterThan(4);
    for (const line of lines(of)) {
      const { command, rest } = found(cordon, wordsOf(line));
      expect(command.name(), line).not.toBe('cordon');
      const given = rest.filter((word) => word.startsWith('--'));
      const known = [...command.options, ...cordon.options];
      expect(
        given.filter((flag) => !known.some(({ long }) => long === flag)),
        line,
      ).toEqual([]);
      const needed = command.options.flatMap(({ mandatory, long }) => (mandatory && long ? [long] : []));
      expect(given, line).toEqual(expect.arrayContaining(needed));
      const positional = command.registeredArguments.filter(({ required }) => required).length;
      const values = rest.filter((word, at) => !word.startsWith('--') && !takesValue(known, rest[at - 1]));
      expect(values.length, line).toBeGreaterThanOrEqual(positional);
    }
  });

  it('prints scripts and files that there are', () => {
    const scripts = named(textOf(of), /npm run (?:-s )?([\w:]+)/g);
    expect(scripts.filter((name) => !keys(project.scripts).includes(name))).toEqual([]);
    const files = commandsOf(of).flatMap((line) => named(line, /(?<![\w/-])((?:functions|test)\/[\w./-]+\.\w+)/g));
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => !there(file))).toEqual([]);
  });

  it('links to what there is', () => {
    for (const { file, heading } of linksOf(of)) {
      expect(there(file), file).toBe(true);
      if (heading !== '') expect(headingsOf(file), file).toContain(heading);
    }
  });

  it('gives parameters that serverless.yml has', () => {
    const params = keys(memberAt(readTagged(textOf('serverless.yml')), 'params', 'default'));
    expect(params.length).toBeGreaterThan(5);
    const given = commandsOf(of).flatMap((line) => named(line, /--param[= ](\w+)=/g));
    expect(given.filter((name) => !params.includes(name))).toEqual([]);
    if (of === page) for (const name of params) expect(textOf(of)).toContain(`\`${name}\``);
  });

  it('sets variables that deploy.sh or the command reads', () => {
    const set = commandsOf(of).flatMap((line) => named(line, /\b(CORDON_\w+)=/g));
    const read = ['functions/azure/deploy/deploy.sh', 'functions/local/at-desk.ts', 'functions/local/proof.ts'];
    for (const name of new Set(set)) expect(read.map(textOf).join('\n')).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

function takesValue(known: readonly { long?: string | undefined; required: boolean }[], flag = ''): boolean {
  return known.some(({ long, required }) => long === flag && required);
}

describe('the commands of the README at the sandbox company', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-readme-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('do what they say, one after the other', async () => {
    const event = named(textOf('README.md'), /^event=(.*)$/gm)[0] ?? '';
    const at = lines('README.md').findIndex((line) => line.includes('$event'));
    const printed = lines('README.md').slice(at, at + 7);
    expect(printed.at(-1)).toMatch(/^drill .*--enforce/);
    for (const line of printed) {
      const words = wordsOf(line.replace('$event', fileURLToPath(new URL(`../../${event}`, import.meta.url))));
      const { code, out, err } = await commanded(folder, words);
      expect([code, out === ''], `${line}: ${err}`).toEqual([0, false]);
      if (line.startsWith('drill')) expect(out).toContain('the canary is as it was');
    }
  }, 60_000);
});

describe('the page of deployment', () => {
  const stacks = commandsOf(page).filter((line) => line.includes('cloudformation deploy'));
  const templateOf = (line: string): string => /--template-file (\S+)/.exec(line)?.[1] ?? '';

  it('gives each template what it asks for, and the capability where it makes roles', () => {
    const seen = new Set<string>();
    for (const line of stacks) {
      const file = templateOf(line);
      const template = readTagged(textOf(file));
      const parameters = Object(memberAt(template, 'Parameters'));
      const [, overrides = ''] = /--parameter-overrides (.*)$/.exec(line) ?? [];
      const given = wordsOf(overrides).map((word) => word.split('=', 1)[0] ?? '');
      expect(
        given.filter((name) => !keys(parameters).includes(name)),
        line,
      ).toEqual([]);
      const asked = keys(parameters).filter((name) => memberAt(parameters, name, 'Default') === undefined);
      if (!seen.has(file)) expect(given, line).toEqual(expect.arrayContaining([...asked]));
      seen.add(file);
      const kinds = Object.values(Object(memberAt(template, 'Resources'))).map((one) => String(memberAt(one, 'Type')));
      const makesRoles = kinds.some((kind) => kind.startsWith('AWS::IAM::'));
      expect(line.includes('--capabilities CAPABILITY_NAMED_IAM'), line).toBe(makesRoles);
    }
    const own = ['deployer', 'forwarder', 'from-azure', 'log-archive', 'member', 'organization', 'quarantine'];
    expect([...seen].sort()).toEqual(own.map((name) => `functions/aws/deploy/${name}.yml`));
  });

  it('names roles that the templates make', () => {
    const made = named(
      ['roles.yml', 'from-azure.yml', 'deployer.yml', 'member.yml']
        .map((file) => textOf(`functions/aws/deploy/${file}`))
        .join('\n'),
      /RoleName: (?:!Sub )?"?(?:\$\{self:service\}-\$\{sls:stage\}-|cordon-\$\{Stage\}-)?([\w-]+)/g,
    );
    const used = named(textOf(page), /(?<!assumed-)role\/(?:cordon-(?:staging|production)-)?([\w-]+)/g).filter(
      (name) => !/^cordon-(staging|production)$/.test(name),
    );
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !made.includes(name))).toEqual([]);
  });

  it('says of every variable that deploy.sh takes', () => {
    const taken = named(textOf('functions/azure/deploy/deploy.sh'), /\$\{?(CORDON_\w+)/g);
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.filter((name) => !textOf(page).includes(name))).toEqual([]);
  });

  it('is right that the reader on Azure only reads, but for two that Azure calls actions', () => {
    const actions = rights.roles.flatMap(({ holder, actions: all, dataActions }) =>
      holder === 'reader' ? [...all, ...dataActions] : [],
    );
    expect(actions.length).toBeGreaterThan(10);
    const others = actions.filter((one) => !one.endsWith('/read'));
    expect(others).toHaveLength(2);
    const [, sentence = ''] = /two that Azure calls actions and that read:(.*?)\./s.exec(textOf(page)) ?? [];
    for (const one of others) expect(sentence).toContain(one.split('/').slice(1, -1).join('/'));
  });
});
