import * as z from 'zod';
import { azureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureOperation } from './operation.ts';

/** Providers whose writes go on after their answer, and what each calls its operations. */
const namespaces: Readonly<Record<string, string>> = {
  'Microsoft.Network': 'operations',
  'Microsoft.Compute': 'operations',
  'Microsoft.DBforPostgreSQL': 'azureAsyncOperation',
  'Microsoft.DBforMySQL': 'azureAsyncOperation',
};

/**
 * An answer that comes before the work is done, as ARM gives it: the operation to poll stands in a header
 * (learn.microsoft.com/azure/azure-resource-manager/management/async-operations).
 */
export function stillRunning(call: AzureCall, type: string, location: string, answer: AzureAnswer): AzureAnswer {
  const namespace = type.split('/')[0] ?? '';
  const id = `00000000-0000-4000-9000-${String(call.world.next('azure.operation')).padStart(12, '0')}`;
  const url = `https://management.azure.com/subscriptions/${call.params['subscription'] ?? ''}/providers/${namespace}/locations/${location}/${namespaces[namespace] ?? 'operations'}/${id}?api-version=2026-01-01`;
  return { ...answer, headers: { ...answer.headers, 'azure-asyncoperation': url, 'retry-after': '0' } };
}

/** The first look finds an operation still at work, the second finds it done. */
const poll = ([namespace, operations]: readonly [string, string]): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `/subscriptions/{subscription}/providers/${namespace}/locations/{location}/${operations}/{operation}`,
  operation: `${namespace}/locations/${operations}/read`,
  reads: true,
  does({ world, params }) {
    const looks = world.next(`azure.operation.${params['operation'] ?? ''}`);
    const headers = { 'retry-after': '0' };
    return { status: 200, headers, body: { status: looks > 1 ? 'Succeeded' : 'InProgress' } };
  },
});

/** Operations under way: they have no rows of their own in an estate. */
export const longRunningOperations = azureNoun({
  name: 'longRunningOperations',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: Object.entries(namespaces).map(poll),
});
