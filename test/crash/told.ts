import type { Found } from './explore.ts';
import { stories } from './stories.ts';

/** Stories that are short enough for every pair, and every fault, with every `npm test`; `npm run crash` has them all. */
export const short = stories.filter(({ name }) => /^(leaked access key|public bucket)/.test(name));

/** What went wrong, in as many words as help; nothing where all ended as without a fault. */
export const told = ({ story, fault, failures }: Found): string[] =>
  failures.map(({ killed, problems }) =>
    `${story}, ${fault}, ${killed.join(' then ')}: ${problems.join('; ')}`.slice(0, 600),
  );
