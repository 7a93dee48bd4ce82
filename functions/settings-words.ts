import type * as z from 'zod';
import type { Settings } from '../shared/config/settings.ts';

/** What is wrong, and what to do about it. */
export type Words = { readonly message: string; readonly remedy?: string };

/** Kinds of values, in words that name no parser. */
const kinds: Readonly<Record<string, string>> = {
  object: 'names with values',
  record: 'names with values',
  array: 'a list',
  string: 'text (in quotes, where it is only digits)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** How an id looks, where all that the schema knows is its form. */
const looks: Readonly<Record<string, string>> = {
  uuid: 'an id looks like 0a1b2c3d-0000-4000-8000-000000000001',
  date: 'a day looks like 2026-12-31',
};

const typeWords = ({ expected, message }: z.core.$ZodIssueInvalidType): Words => ({
  message: message.endsWith('received undefined') ? 'is missing' : 'is of another kind than it has to be',
  remedy: `Give ${kinds[expected] ?? expected}.`,
});

function unionWords({ message, ...issue }: z.core.$ZodIssueInvalidUnion): Words {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  return options.length > 0
    ? { message: 'is none of those there are', remedy: `Give ${options.join(' or ')}.` }
    : { message };
}

function sizeWords({ code, origin, message, ...issue }: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): Words {
  const [least, most] = ['minimum' in issue ? issue.minimum : '', 'maximum' in issue ? issue.maximum : ''];
  const bound = code === 'too_small' ? `at least ${least}` : `at most ${most}`;
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' of them', number: '', int: '' };
  const unit = units[origin];
  if (unit === undefined) return { message };
  return { message: code === 'too_small' ? 'is too little' : 'is too much', remedy: `Give ${bound}${unit}.` };
}

/** A problem that the schema has found, in words for whoever wrote the settings. */
export function wordsOf(issue: z.core.$ZodIssue): Words {
  switch (issue.code) {
    case 'invalid_key':
      return { message: issue.issues[0]?.message ?? issue.message, remedy: 'Write it in full, and in quotes.' };
    case 'invalid_type':
      return typeWords(issue);
    case 'invalid_value':
      return { message: 'is none of those there are', remedy: `Give ${issue.values.map(String).join(' or ')}.` };
    case 'invalid_union':
      return unionWords(issue);
    case 'too_small':
    case 'too_big':
      return sizeWords(issue);
    case 'invalid_format':
      return { message: `is not as it has to be: ${looks[issue.format] ?? issue.message}` };
    default:
      return { message: issue.message };
  }
}

/** A problem between settings that are each right by themselves. */
export type CrossProblem = Words & { readonly path: readonly string[] };

/** What settings promise and will not do, or ask for without what it takes. */
export function crossProblems({ stages, azure }: Settings): readonly CrossProblem[] {
  const staging: CrossProblem = {
    path: ['stages', 'staging'],
    message: 'a stage called staging never changes anything, whatever is written here',
    remedy: 'Take the line out, or enforce in a stage of another name.',
  };
  const tenant: CrossProblem = {
    path: ['azure', 'subscriptions'],
    message: 'subscriptions are named without the tenant that they are in',
    remedy: 'Give it as azure.tenant (`az account show --query tenantId`).',
  };
  return [
    ...(Object.hasOwn(stages, 'staging') && stages['staging'] === 'enforce' ? [staging] : []),
    ...(azure.subscriptions.length > 0 && azure.tenant === undefined ? [tenant] : []),
  ];
}
