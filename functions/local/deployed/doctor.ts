import { yellow } from '../../../shared/cli/style.ts';
import { CordonError } from '../../../shared/model/error.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { codeFor, examinedLines, progress } from '../commands/doctor.ts';
import type { Deployment } from '../deployment.ts';
import { type ExitCode, print } from '../output.ts';
import type { Common } from '../person.ts';
import { ExaminedPart, Parts } from './answers.ts';

/** One part; where it could not be had, that is what there is to say of it. */
async function examined(deployment: Deployment, part: string): Promise<readonly Examined[]> {
  try {
    const body = { part };
    return (await deployment.ask(ExaminedPart, { method: 'POST', path: '/doctor', body })).lines;
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    const { message: what, remedy = 'Ask again.' } = thrown;
    return [{ part, mark: 'missing', what: `it could not be examined: ${what}`, remedy }];
  }
}

/** Has a deployment examine itself, with the identities that it works with; 1 where something is missing. */
export async function doctor(deployment: Deployment, { json }: Common): Promise<ExitCode> {
  const { parts } = await deployment.ask(Parts, { path: '/doctor' });
  const { hear, done } = progress(json);
  const all: Examined[] = [];
  for (const [at, part] of parts.entries()) {
    hear(part, at + 1, parts.length);
    all.push(...(await examined(deployment, part)));
  }
  done();
  print(json, all, () => [yellow(`Examined by ${deployment.url}, as itself.`), '', ...examinedLines(all)]);
  return codeFor(all);
}
