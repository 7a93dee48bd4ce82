// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.network.close-nsg-port': {
    hash: 'db1834b354e3969577477be6050c5f24c0ce51d09525b658eac7a1bd1ab46b8a',
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
};
