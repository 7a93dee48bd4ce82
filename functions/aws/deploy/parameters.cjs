// What serverless.yml makes of its parameters. The framework takes a parameter of any name, so that one that is written
// wrongly would be left out in silence; here it stops the deployment. CommonJS, as the framework loads nothing else.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const settingsFile = join(__dirname, '../../../dist/aws/settings.json');
const id = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** How each is written; empty is as if it had not been given. */
const forms = {
  mode: /^(dry-run|enforce)$/,
  evidenceLock: /^(GOVERNANCE|COMPLIANCE)$/,
  evidenceDays: /^[1-9]\d{0,4}$/,
  evidenceBucket: /^(here|[a-z0-9][a-z0-9.-]{2,62})$/,
  organizationId: /^(o-[a-z0-9]{10,32})?$/,
  alarmEmail: /^([^@\s]+@[^@\s]+)?$/,
  jwtIssuer: /^(https:\/\/\S+)?$/,
  jwtAudience: /^\S*$/,
  azureReaderClientId: new RegExp(`^(${id})?$`),
  azureWriterClientId: new RegExp(`^(${id})?$`),
  azureHomeClientId: new RegExp(`^(${id})?$`),
  azureTenant: new RegExp(`^(${id})?$`),
  forwardTo: /^(event-topic:https:\/\/\S+\/api\/events)?$/,
};

/** Stops the deployment where a parameter is not one of these, or not of its form. */
function check(names, values) {
  const unknown = names.filter((name) => !Object.hasOwn(forms, name));
  if (unknown.length > 0)
    throw new Error(`there is no parameter ${unknown.join(', ')}. Parameters are ${Object.keys(forms).join(', ')}`);
  for (const [name, value] of Object.entries(values))
    if (!forms[name].test(value)) throw new Error(`the parameter ${name} is not of the form ${forms[name].source}`);
  if ((values.jwtIssuer === '') !== (values.jwtAudience === ''))
    throw new Error('jwtIssuer and jwtAudience are given together');
  if (values.forwardTo !== '' && (values.azureTenant === '' || values.azureHomeClientId === ''))
    throw new Error('forwardTo asks for azureTenant and azureHomeClientId, with which events are handed on');
}

/** The accounts of the settings that `npm run build` has checked; any, where there are too many for a policy: their roles trust this one by name. */
function accountsOf() {
  const { aws = {} } = existsSync(settingsFile) ? JSON.parse(readFileSync(settingsFile, 'utf8')) : {};
  const accounts = Object.keys(aws.accounts ?? {}).sort();
  return accounts.length === 0 || accounts.length > 40 ? ['*'] : accounts;
}

const given = ({ param }) => [param ?? []].flat().map((one) => String(one).split('=', 1)[0]);

module.exports = async ({ options, resolveVariable, resolveConfigurationProperty }) => {
  const values = {};
  for (const name of Object.keys(forms)) values[name] = String((await resolveVariable(`param:${name}, ''`)) ?? '');
  check(given(options), values);
  const stage = options.stage ?? (await resolveConfigurationProperty(['provider', 'stage']));
  // staging plans, whatever is asked for: it has no right to become a writer
  const mode = stage === 'staging' ? 'dry-run' : values.mode;
  const roles = (name) =>
    accountsOf().map((account) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:iam::${account}:role/${name}` }));
  const people = {
    type: 'jwt',
    identitySource: '$request.header.Authorization',
    issuerUrl: values.jwtIssuer,
    audience: values.jwtAudience.split(','),
  };
  return {
    mode,
    readers: roles('CordonReader'),
    members: mode === 'enforce' ? [...roles('CordonReader'), ...roles('CordonWriter')] : roles('CordonReader'),
    azureWriter: mode === 'enforce' ? values.azureWriterClientId : '',
    authorizers: values.jwtIssuer === '' ? {} : { people },
    callers: values.jwtIssuer === '' ? { type: 'aws_iam' } : { name: 'people' },
  };
};
