import { blobs } from '../../../shared/sandbox/azure/storage-rows.ts';
import { blobTag, blobUrl, fetchBlob } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const key = 'northwinduploads/incoming/2026/11/Invoice 4711.docm';

export const life: ActionLife = {
  input: { url: blobUrl, eTag: blobTag },
  where: { account: subscription, region: '' },
  attack: async (sandbox) => (await fetchBlob(sandbox, blobUrl, '0a1b2c3d-0000-4000-8000-00000000a001')).status === 200,
  edit({ rows, clock }) {
    const { deletedAt: _, ...blob } = rows.get(blobs, key) ?? {
      account: 'northwinduploads',
      container: 'incoming',
      name: '2026/11/Invoice 4711.docm',
      contentType: 'text/plain',
      metadata: {},
      tags: {},
    };
    rows.put(blobs, key, { ...blob, content: 'bmV3', eTag: '"0x8DEEDITED"', lastModified: clock.now() });
  },
};
