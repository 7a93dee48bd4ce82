import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../action/catalogue.ts';
import { actionCatalogue } from './action-catalogue.ts';
import { azureDeployment } from './azure-deployment.ts';
import { controlMap } from './control-map.ts';
import { costPage } from './cost.ts';
import type { Generated } from './generated.ts';
import { metricReference } from './metrics.ts';
import { memberTemplateIn } from './member-template.ts';
import { patternReference } from './pattern-reference.ts';
import { playbookSchema } from './playbook-schema.ts';
import { roleFiles } from './roles.ts';
import { settingsSchema } from './settings-schema.ts';
import { reasonReference } from './reasons.ts';
import { actionReference, outcomeReference, sourceReference } from './reference.ts';
import { sourceIndex } from './source-index.ts';

const root = new URL('../../', import.meta.url);
const current = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8').catch(() => '');

/** Writes what has changed, or with `check` only names it. */
async function bring(files: readonly Generated[], check: boolean): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const { path, text } of files) {
    if ((await current(path)) === text) continue;
    stale.push(path);
    if (!check) await writeFile(fileURLToPath(new URL(path, root)), text);
  }
  return stale;
}

/** The catalogues come first: everything else is read through them. */
async function generate(check: boolean): Promise<readonly string[]> {
  const catalogues = await bring([await actionCatalogue(root, 'aws'), await actionCatalogue(root, 'azure')], check);
  const [{ awsActions }, { azureActions }] = await Promise.all([
    import('../actions/aws/catalogue.ts'),
    import('../actions/azure/catalogue.ts'),
  ]);
  const actions: Catalogue = { ...awsActions, ...azureActions };
  const pages = [
    await playbookSchema(actions),
    settingsSchema(),
    await actionReference(actions),
    sourceReference(),
    await sourceIndex(root),
    outcomeReference(),
    reasonReference(),
    metricReference(),
    patternReference(),
    ...(await controlMap(root, actions)),
    costPage(),
    ...(await azureDeployment(root)),
    ...(await roleFiles(root, actions)),
  ];
  // made from the policies, which come before it
  return [...catalogues, ...(await bring(pages, check)), ...(await bring([await memberTemplateIn(root)], check))];
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const stale = await generate(check);
  for (const path of stale) console.log(check ? `out of date: ${path}` : `wrote ${path}`);
  if (stale.length === 0) console.log('generated files are up to date');
  if (check && stale.length > 0) {
    console.log('Run `npm run generate` and commit what it writes.');
    process.exitCode = 1;
  }
}
