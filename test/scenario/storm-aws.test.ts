import { test } from 'vitest';
import { expectCalm, findingsAtOnce, seed } from '../support/expect-calm.ts';
import { overAws, weathered } from '../support/weather.ts';

test('many findings at once against the quotas of EC2 are all contained, the most severe first', async ({
  annotate,
}) => {
  await expectCalm(await weathered(overAws, findingsAtOnce(), seed()), annotate);
}, 240_000);
