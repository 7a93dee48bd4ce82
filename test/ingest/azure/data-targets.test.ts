import { describe, expect, test } from 'vitest';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const group = '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers';

describe('an alert about stored data', () => {
  test.each<[said: Json | undefined, letInBy: string | undefined]>([
    ['Anonymous', 'nothing'],
    ['Account Key', 'key'],
    ['SAS', 'sas'],
    ['SAS Key', 'sas'],
    ['Shared access signature (SAS)', 'sas'],
    ['OAuth', 'identity'],
    ['Kerberos', 'identity'],
    ['N/A', undefined],
    [7, undefined],
    [undefined, undefined],
  ])('says that %s let them in: %s', (said, letInBy) => {
    const event = withMembers(readEvent('defender/storage-exfiltration'), {
      'ExtendedProperties.authentication type': said,
    });
    expect(primaryOf(findingIn(event))).toMatchObject({ type: 'azure.storage.account', name: 'northwindorders' });
    expect(Reflect.get(primaryOf(findingIn(event)), 'letInBy')).toBe(letInBy);
  });

  test('says so whichever case the name has', () => {
    const ExtendedProperties = { 'Authentication Type': 'Anonymous' };
    const event = withMembers(readEvent('defender/storage-exfiltration'), { ExtendedProperties });
    expect(primaryOf(findingIn(event))).toMatchObject({ letInBy: 'nothing' });
  });
});

describe('a firewall rule that was written', () => {
  test.each([
    ['Microsoft.Sql/servers/firewallRules/write', `${group}/Microsoft.Sql/servers/sql-northwind`, 'azure.sql.server'],
    [
      'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write',
      `${group}/Microsoft.DBforPostgreSQL/flexibleServers/psql-northwind`,
      'azure.postgres.server',
    ],
    [
      'MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/FIREWALLRULES/WRITE',
      `${group}/Microsoft.DBforMySQL/flexibleServers/mysql-northwind`,
      'azure.mysql.server',
    ],
  ])('is told by %s with its server', (operation, server, type) => {
    const event = withMembers(readEvent('activity-log/security-rule-written'), {
      'data.operationName': operation,
      'data.resourceUri': `${server}/firewallRules/temp`,
    });
    const finding = findingIn(event);
    expect(finding.type.toLowerCase()).toBe(operation.toLowerCase());
    expect(finding.type).toMatch(/^Microsoft\.(Sql|DBforPostgreSQL|DBforMySQL)\/.*firewallRules\/write$/);
    expect(primaryOf(finding)).toMatchObject({ type, id: server, rule: 'temp' });
  });
});
