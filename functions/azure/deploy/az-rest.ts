import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CallGraph } from './graph-change.ts';

/** Calls as whoever is signed in to the Azure CLI; its own message where it fails. */
export const azRest: CallGraph = async (method, url, body) => {
  const given =
    body === undefined ? [] : ['--headers', 'content-type=application/json', '--body', JSON.stringify(body)];
  const { stdout } = await promisify(execFile)('az', ['rest', '--method', method, '--url', url, ...given]);
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
};
