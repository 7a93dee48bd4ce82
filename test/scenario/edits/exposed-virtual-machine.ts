import { resources } from '../../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import {
  azureId,
  networkSecurityGroupId as web,
  nicId,
  quarantineGroupId,
  rewrite,
  rewriteRules,
  vmId,
} from '../../support/azure.ts';
import type { EditedPlaybook } from '../../support/foreign-edit.ts';

const network = (type: string, name: string): string => azureId('rg-web', `Microsoft.Network/${type}`, name);
const worker = network('networkInterfaces', 'nic-worker-01');
const admin = network('networkSecurityGroups', 'nsg-admin');
type Rules = Parameters<Parameters<typeof rewriteRules>[2]>[0];
type Rule = Rules[number];
const ofOne = (name: string, next: (rule: Rule) => readonly Rule[]) => (rules: Rules) =>
  rules.flatMap((rule) => (rule.name === name ? next(rule) : [rule]));
const withFields = (fields: Partial<Rule['properties']>) => (rule: Rule) => [
  { ...rule, properties: { ...rule.properties, ...fields } },
];
const onInterface = (one: Sandbox, id: string, group: string): void =>
  rewrite(one, id, ({ properties }) => ({ properties: { ...properties, networkSecurityGroup: { id: group } } }));
/** The customer lets a forensic workstation in. */
const inspection = (rules: Rules): Rules => [
  ...rules,
  ...rules.slice(0, 1).map((rule) => ({
    ...rule,
    name: 'inspection',
    properties: {
      ...rule.properties,
      access: 'Allow' as const,
      direction: 'Inbound' as const,
      priority: 90 + 10 * rules.length + 500,
      sourceAddressPrefix: '192.0.2.77',
    },
  })),
];

/** SSH closed and its attackers denied on three groups, and the machine isolated. */
export const edited: EditedPlaybook = {
  playbook: 'exposed-virtual-machine',
  event: 'defender/vm-brute-force-export',
  keeps: /\/microsoft\.compute\/snapshots\//,
  edits: [
    { name: 'a rule is added beside ours', make: (one) => rewriteRules(one, web, inspection) },
    {
      name: 'a rule of theirs is removed',
      make: (one) =>
        rewriteRules(
          one,
          web,
          ofOne('allow-ssh', () => []),
        ),
    },
    {
      name: 'a rule of theirs gets another priority',
      make: (one) => rewriteRules(one, web, ofOne('allow-ssh', withFields({ priority: 400 }))),
    },
    {
      name: 'our rule is deleted',
      make: (one) =>
        rewriteRules(
          one,
          web,
          ofOne('cordon-deny-22', () => []),
        ),
    },
    {
      name: 'our rule is kept under another name',
      make: (one) =>
        rewriteRules(
          one,
          web,
          ofOne('cordon-deny-22', (rule) => [{ ...rule, name: 'closed-by-hand' }]),
        ),
    },
    {
      name: 'our rule is made narrower',
      make: (one) =>
        rewriteRules(one, web, ofOne('cordon-deny-22', withFields({ sourceAddressPrefix: '203.0.113.0/24' }))),
      moved: ['cordon-deny-22'],
      stays: /nsg-web\/properties\/securityRules\/cordon-deny-22\//,
    },
    {
      name: 'our rule is moved below theirs',
      make: (one) => rewriteRules(one, web, ofOne('cordon-deny-22', withFields({ priority: 4_000 }))),
      moved: ['cordon-deny-22'],
      stays: /nsg-web\/properties\/securityRules\/cordon-deny-22\//,
    },
    {
      name: 'a rule is put into our group',
      make: (one) => rewriteRules(one, quarantineGroupId, inspection),
      moved: ['cordon-quarantine-westeurope'],
      stays: /cordon-quarantine-westeurope\//,
    },
    {
      name: 'an interface is put into another group',
      make: (one) => onInterface(one, nicId, admin),
      moved: ['nic-web-01'],
    },
    {
      name: 'an interface of another machine is put into our group',
      make: (one) => onInterface(one, worker, quarantineGroupId),
      stays: /cordon-quarantine-westeurope\//,
    },
    {
      name: 'an interface is tagged and gets other name servers',
      make: (one) =>
        rewrite(one, nicId, ({ properties, tags }) => ({
          tags: { ...tags, incident: 'INC-4711' },
          properties: { ...properties, dnsSettings: { dnsServers: ['192.0.2.53'] } },
        })),
    },
    {
      name: 'the machine is deleted, and its interfaces stay',
      make: ({ rows }) => rows.delete(resources, vmId.toLowerCase()),
      moved: ['nic-web-01', 'nic-web-01-admin'],
      stays: /cordon-quarantine-westeurope\/|\/nic-web-01/,
    },
  ],
};
