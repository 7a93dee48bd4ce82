import { storyLines } from '../../../shared/cli/show-story.ts';
import { previewRelease } from '../../../shared/run/release.ts';
import { storyOf } from '../../../shared/run/story.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { printCommands } from './print-commands.ts';
import { type Common, me } from '../person.ts';

/** Tells the story of a run; as commands: how what it still holds is taken back by hand. */
export async function explain(
  desk: Desk,
  runId: string,
  { json, asCommands }: Common & { readonly asCommands: boolean },
): Promise<ExitCode> {
  const story = await storyOf(desk.deps, runId);
  if (asCommands) {
    const wish = { requester: me(), wants: 'dry-run', reactivateCredentials: true } as const;
    const plan = await previewRelease(desk.deps, runId, wish, AbortSignal.timeout(60_000));
    return printCommands(desk, [{ order: { ...story.state.order, kind: 'release' }, plan }], json);
  }
  print(json, story, () => storyLines(story));
  return exit.done;
}
