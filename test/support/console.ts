import { afterEach, beforeEach, vi } from 'vitest';

/** Keeps what a test's code prints, line by line, instead of printing it. */
export function heard(): readonly string[] {
  const lines: string[] = [];
  beforeEach(() => {
    for (const level of ['info', 'warn', 'error', 'log'] as const)
      vi.spyOn(console, level).mockImplementation((...words: unknown[]) => {
        lines.push(words.map(String).join(' '));
      });
  });
  afterEach(() => {
    lines.length = 0;
    vi.restoreAllMocks();
  });
  return lines;
}
