import * as z from 'zod';
import type { Grant } from '../../policy/grants.ts';

/** Name of a Lambda function (docs.aws.amazon.com/lambda, CreateFunction). */
export const FunctionName = z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, - and _ only');
/** Name of an alias, or number of a version. */
export const Qualifier = z.string().regex(/^[\w-]{1,128}$/, 'an alias or a version number');

const arn = 'arn:{partition}:lambda:{region}:{account}:function:{functionName}';

/** Rights on the function of the input. */
export const onFunction = (...names: readonly string[]): Grant[] =>
  names.map((name) => ({ allow: `lambda:${name}`, on: arn }));

/** Rights on its aliases and versions. */
export const onQualified = (...names: readonly string[]): Grant[] =>
  names.map((name) => ({ allow: `lambda:${name}`, on: `${arn}:*` }));

/** A function with the alias that is meant, as one text: `name`, or `name:alias`. */
export const spellPlace = (functionName: string, qualifier: string): string =>
  qualifier === '' ? functionName : `${functionName}:${qualifier}`;

/** The same as a request names it. */
export function placeOf(text: string): { readonly FunctionName: string; readonly Qualifier?: string } {
  const [FunctionName = '', Qualifier] = text.split(':');
  return { FunctionName, ...(Qualifier !== undefined && { Qualifier }) };
}
