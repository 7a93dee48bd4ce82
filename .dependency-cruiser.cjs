/**
 * The borders of the code, as rules. `npm run check:borders` applies them; test/conformance/borders.test.ts shows each
 * one firing. @swc/core parses, because dependency-cruiser cannot read TypeScript 7.
 */

/** What each part of shared/ may import besides itself. A part that is not listed is bound by the other rules only. */
const sees = {
  model: [],
  pattern: ['model'],
  policy: ['model', 'pattern'],
  'config/settings.ts': [
    ...['model', 'pattern', 'config/channels.ts', 'config/guards.ts'],
    ...['config/outcome-events.ts', 'config/write-back.ts', 'config/drills.ts'],
  ],
  'config/outcome-events.ts': [],
  'config/drills.ts': [],
  'config/write-back.ts': [],
  'config/guards.ts': ['model', 'pattern'],
  'config/channels.ts': ['model'],
  ports: ['model', 'pattern', 'policy'],
  ingest: ['model', 'pattern', 'policy', 'ports'],
  action: ['model', 'pattern', 'policy', 'ports', 'config/settings.ts'],
  playbook: ['model', 'pattern', 'policy', 'ports', 'config/settings.ts', 'config/guards.ts', 'action'],
  guard: ['model', 'pattern', 'policy', 'ports', 'config/settings.ts', 'config/guards.ts', 'action'],
  records: ['model', 'pattern', 'policy', 'ports', 'config/settings.ts', 'action'],
  run: [
    ...['model', 'pattern', 'policy', 'ports', 'config/settings.ts', 'config/guards.ts', 'config/outcome-events.ts'],
    ...['ingest', 'action', 'playbook', 'guard', 'records'],
  ],
  report: [
    ...['model', 'pattern', 'policy', 'ports', 'config/settings.ts', 'ingest'],
    ...['action', 'playbook', 'guard', 'records', 'run'],
  ],
  actions: ['model', 'pattern', 'policy', 'ports', 'action'],
  sandbox: ['model', 'policy', 'ports'],
};

/** The parts of the settings: schemas, as the settings are. */
const configParts = Object.keys(sees).filter((part) => part.startsWith('config/'));

/** The parts that know no cloud, network, disk, environment, clock or randomness. */
const core = ['api', ...Object.keys(sees).filter((part) => part !== 'actions' && part !== 'sandbox')];

const escaped = (part) => part.replaceAll('.', '[.]');
const inside = (...parts) =>
  `^shared/(${parts.map((part) => escaped(part) + (part.endsWith('.ts') ? '$' : '/')).join('|')})`;
const npm = (...scopes) => `(^|node_modules/)@(${scopes.join('|')})/`;
const ours = '^(shared|functions|playbooks|test)/';
const awsCode = ['^shared/[^/]+/aws/', '^functions/aws/'];
const azureCode = ['^shared/[^/]+/azure/', '^functions/azure/'];

const order = Object.entries(sees).map(([part, parts]) => ({
  name: `order-of-${part.replace(/[/.].*/, '')}`,
  comment: `shared/${part} may import ${parts.map((seen) => `shared/${seen}`).join(', ') || 'nothing of ours'}.`,
  from: { path: inside(part) },
  to: { path: ours, pathNot: inside(part, ...parts) },
}));

const rules = [
  ...order,
  {
    name: 'ingest-sees-types-of-ports',
    comment: 'A source turns a raw event into a finding and calls nothing: import type only.',
    from: { path: inside('ingest') },
    to: { path: inside('ports'), dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'aws-sees-no-azure',
    comment: 'AWS files import no Azure file and no Azure SDK; wire.ts joins.',
    from: { path: awsCode, pathNot: '/wire[.]ts$' },
    to: { path: [...azureCode, npm('azure')] },
  },
  {
    name: 'azure-sees-no-aws',
    comment: 'Azure files import no AWS file and no AWS SDK; wire.ts joins.',
    from: { path: azureCode, pathNot: '/wire[.]ts$' },
    to: { path: [...awsCode, npm('aws-sdk', 'smithy')] },
  },
  {
    name: 'only-wire-joins-clouds',
    comment: 'Code of no cloud reaches the actions, adapters and hosts of a cloud through wire.ts.',
    from: { pathNot: ['/wire[.]ts$', '/(aws|azure)/', inside('generate')] },
    to: { path: ['^shared/(actions|adapters)/(aws|azure)/', '^functions/(aws|azure)/'] },
  },
  {
    name: 'core-without-sdk',
    comment: 'The core knows no cloud SDK, not even its types: clients come in through ports.',
    from: { path: inside(...core) },
    to: { path: npm('aws-sdk', 'azure', 'smithy') },
  },
  {
    name: 'core-without-node',
    comment: 'The core touches no network, disk or environment: of Node it has node:crypto and node:util.',
    from: { path: inside(...core) },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util)$' },
  },
  {
    name: 'core-stays-inside',
    comment: 'The core imports no action, adapter, sandbox, command or generator, and no loading of configuration.',
    from: { path: inside(...core) },
    to: {
      path: inside('actions', 'adapters', 'sandbox', 'cli', 'generate', 'config'),
      pathNot: inside('config/settings.ts', ...configParts),
    },
  },
  {
    name: 'shared-stands-alone',
    comment: 'What is shared serves every host and knows none.',
    from: { path: '^shared/' },
    to: { path: '^(functions|test)/' },
  },
  { name: 'no-circle', comment: 'Imports go one way.', from: {}, to: { circular: true } },
  {
    name: 'no-import-into-the-void',
    comment: 'An import that leads nowhere would slip past every other rule.',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
