import { defineConfig } from 'vitest/config';

/** Run by accept-azurite.ts alone, which says where azurite is. */
export default defineConfig({
  test: {
    include: ['test/conformance/accept-azurite/*.accept.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    testTimeout: 120_000,
  },
});
