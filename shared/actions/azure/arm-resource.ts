import { type GenericResource, ResourceManagementClient } from '@azure/arm-resources';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import type { AzureSession } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';
import { completed } from './long-running.ts';

/** One kind of ARM resource that is read and written by its id alone: its API version, and what of it is believed. */
export type ArmKind<S extends z.ZodType> = { readonly apiVersion: string; readonly shape: S };

/** The SDK puts the slash before an id itself, and leaves signs that would end the path: a name may have them. */
const pathOf = (id: string): string => id.replace(/^\//, '').replaceAll('#', '%23').replaceAll('?', '%3F');

/** What is there now, as far as its kind names it; undefined where there is nothing (learn.microsoft.com/rest/api/resources/resources/get-by-id). */
export async function readArm<S extends z.ZodType>(
  azure: AzureSession,
  { apiVersion, shape }: ArmKind<S>,
  id: string,
  abortSignal: AbortSignal,
): Promise<z.output<S> | undefined> {
  const { resources } = azure.client(ResourceManagementClient);
  const found = await unlessAbsent(() => resources.getById(pathOf(id), apiVersion, { abortSignal }));
  return found && shape.parse(found);
}

/** Puts a resource whole, and waits until it stands (learn.microsoft.com/rest/api/resources/resources/create-or-update-by-id). */
export async function putArm(
  azure: AzureSession,
  { apiVersion }: Pick<ArmKind<z.ZodType>, 'apiVersion'>,
  id: string,
  body: GenericResource,
  step: StepContext,
): Promise<void> {
  const { resources } = azure.client(ResourceManagementClient);
  await completed(resources.createOrUpdateById(pathOf(id), apiVersion, body, { abortSignal: step.signal }), step);
}

/** Changes the properties named and no others (learn.microsoft.com/rest/api/resources/resources/update-by-id). */
export async function patchArm(
  azure: AzureSession,
  { apiVersion }: Pick<ArmKind<z.ZodType>, 'apiVersion'>,
  id: string,
  body: GenericResource,
  step: StepContext,
): Promise<void> {
  const { resources } = azure.client(ResourceManagementClient);
  await completed(resources.updateById(pathOf(id), apiVersion, body, { abortSignal: step.signal }), step);
}

/** Deletes a resource; one that is gone already is deleted (learn.microsoft.com/rest/api/resources/resources/delete-by-id). */
export async function deleteArm(
  azure: AzureSession,
  { apiVersion }: Pick<ArmKind<z.ZodType>, 'apiVersion'>,
  id: string,
  step: StepContext,
): Promise<void> {
  const { resources } = azure.client(ResourceManagementClient);
  await unlessAbsent(() => completed(resources.deleteById(pathOf(id), apiVersion, { abortSignal: step.signal }), step));
}

const Page = z.object({ value: z.array(z.unknown()), nextLink: z.url().nullish() });

/** All pages of a list; `path` is the collection's id, with a query where it filters. */
export async function listArm<S extends z.ZodType>(
  azure: AzureSession,
  { apiVersion, shape }: ArmKind<S>,
  path: string,
  abortSignal: AbortSignal,
): Promise<z.output<S>[]> {
  const found: z.output<S>[] = [];
  let next: string | undefined = `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
  while (next !== undefined) {
    const page: z.output<typeof Page> = Page.parse(await azure.arm('GET', next, abortSignal));
    found.push(...page.value.map((item) => shape.parse(item)));
    const link: URL | undefined = page.nextLink ? new URL(page.nextLink) : undefined;
    next = link && `${link.pathname}${link.search}`; // the host stays ours: a token goes nowhere else
  }
  return found;
}
