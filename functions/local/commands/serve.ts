import { once } from 'node:events';
import { bold, dim } from '../../../shared/cli/style.ts';
import type { Desk } from '../desk.ts';
import { type ExitCode, exit } from '../output.ts';
import { serve as listen } from '../serve.ts';

/** The HTTP interface on this machine, until it is interrupted. */
export async function serve(desk: Desk, { port }: { readonly port: string }): Promise<ExitCode> {
  const playbooks = await desk.playbooks();
  const homeRegion = desk.sandbox ? 'eu-west-1' : (process.env['AWS_REGION'] ?? '');
  const { deps, engine } = desk;
  const serving = await listen({ deps, engine, playbooks, homeRegion, port: Number(port) });
  console.log(`${bold(serving.url)}  ${dim('for the holder of this token, until interrupted')}`);
  console.log(`curl -H 'authorization: Bearer ${serving.token}' ${serving.url}/playbooks`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await serving.close();
  return exit.done;
}
