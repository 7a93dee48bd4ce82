import { join } from 'node:path';
import { agreementLines, agreementWith } from '../../functions/local/commands/pattern-check.ts';

const files = ['conformance.json', 'validity.json', 'fuzz.jsonl', 'accidents.json'] as const;

/** Holds the pattern language against the recorded verdicts under `<sharedDir>/matching`, as `cordon pattern check` does. */
export async function acceptPattern(sharedDir: string): Promise<{ lines: string[]; failed: boolean }> {
  const lines: string[] = [];
  let failed = false;
  for (const file of files) {
    const agreement = await agreementWith(join(sharedDir, 'matching', file));
    lines.push(...agreementLines(file, agreement));
    failed ||= agreement.differences.length > 0;
  }
  return { lines, failed };
}

if (import.meta.main) {
  const { lines, failed } = await acceptPattern(process.argv[2] ?? join(import.meta.dirname, '../../../shared'));
  console.log(lines.join('\n'));
  process.exitCode = failed ? 1 : 0;
}
