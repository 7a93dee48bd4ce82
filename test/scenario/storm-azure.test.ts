import { test } from 'vitest';
import { expectCalm, findingsAtOnce, seed } from '../support/expect-calm.ts';
import { overAzure, weathered } from '../support/weather.ts';

test('many findings at once against the quotas of ARM are all contained, the most severe first', async ({
  annotate,
}) => {
  await expectCalm(await weathered(overAzure, findingsAtOnce(), seed()), annotate);
}, 240_000);
