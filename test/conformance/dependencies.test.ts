import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { licenceFile, permitted } from '../../functions/licences.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));
const { packages } = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        version: z.string().optional(),
        dev: z.boolean().optional(),
        hasInstallScript: z.boolean().optional(),
        link: z.boolean().optional(),
      }),
    ),
  })
  .parse(JSON.parse(read('package-lock.json')));

/** The clients of both clouds, with the parts that their makers split off them. */
const ofCloudSdk = (name: string): boolean =>
  /^@(aws-sdk|smithy)\//.test(name) || (name.startsWith('@azure/') && name !== '@azure/functions');

it('has at most 15 direct runtime dependencies beside the cloud SDKs', () => {
  const others = Object.keys(dependencies).filter((name) => !ofCloudSdk(name));
  expect(others.length, others.join(', ')).toBeLessThanOrEqual(15);
});

it('runs no install script: none at run time, and none of the tools’', () => {
  const scripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripts.filter(([, { dev }]) => !dev).map(([path]) => path)).toEqual([]);
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
});

/** Package, version and licence in the rows of the page. */
const rows = [...read(licenceFile).matchAll(/^\| (@?[a-z][\w./-]*) \| (\d\S*) \| (\S+) \|/gm)];

it('lists every direct runtime dependency with its version, as the lock file has it', () => {
  const listed = rows.map(([, name, version]) => `${name} ${version}`);
  const wanted = Object.keys(dependencies).map((name) => `${name} ${packages[`node_modules/${name}`]?.version}`);
  expect(wanted.filter((one) => !listed.includes(one))).toEqual([]);
});

it('ships nothing under a licence that asks for more than to be named', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter(([, , , licence = '']) => !permitted.includes(licence)).map(([row]) => row)).toEqual([]);
});
