import { describe, expect, test } from 'vitest';
import { isOwnChange } from '../../shared/guard/own-change.ts';
import { unwrap } from '../../shared/ingest/message.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { northwindSettings, writerPrincipal } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';

const plain = northwindSettings();
const settings = { ...plain, azure: { ...plain.azure, identities: [writerPrincipal] } };
const claim = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const ours = { [claim]: writerPrincipal.toUpperCase(), appid: '0a1b2c3d-0000-4000-8000-00000000ab02', idtyp: 'app' };

const message = (name: string): JsonObject => {
  const [event = null] = unwrap(readEvent(`activity-log/security-rule-written${name}`));
  return event as JsonObject; // every fixture holds objects
};

/** Each form with the place of its claims. */
const forms = [
  { name: '', claims: 'data.claims' },
  { name: '-cloudevent', claims: 'data.claims' },
  { name: '-event-hub', claims: 'identity.claims' },
  { name: '-rest', claims: 'claims' },
  { name: '-alert', claims: 'data.alertContext.claims' },
] as const;
/** Those that name the caller beside the claims. */
const callers = [
  { name: '-rest', claims: 'claims', caller: 'caller' },
  { name: '-alert', claims: 'data.alertContext.claims', caller: 'data.alertContext.caller' },
] as const;
const nobody = { actor: undefined };

describe.each(forms)('in the form security-rule-written$name', ({ name, claims }) => {
  test.each<[string, Json]>([
    ['as an object', ours],
    ['as text', JSON.stringify(ours)],
  ])('our object id in the claims %s is us, by the event and by the finding', (_, value) => {
    const event = withMembers(message(name), { [claims]: value });
    expect(isOwnChange(settings, nobody, event)).toBe(true);
    expect(isOwnChange(settings, findingIn(event), {})).toBe(true);
  });

  test('somebody else is not, whatever he calls himself', () => {
    const named = {
      name: writerPrincipal,
      appid: writerPrincipal,
      groups: [writerPrincipal],
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': `${writerPrincipal}@northwind.example`,
    };
    const event = withMembers(message(name), { [claims]: named });
    expect(isOwnChange(settings, findingIn(event), event)).toBe(false);
  });
});

describe.each(callers)('the caller of the form security-rule-written$name', ({ name, claims, caller }) => {
  test.each<[string, boolean]>([
    [writerPrincipal, true],
    [writerPrincipal.toUpperCase(), true],
    [`${writerPrincipal}@northwind.example`, false],
    ['0a1b2c3d-0000-4000-8000-00000000c0d0', false],
  ])('%s is us: %s', (id, us) => {
    const event = withMembers(message(name), { [claims]: undefined, [caller]: id });
    expect(isOwnChange(settings, nobody, event)).toBe(us);
    expect(isOwnChange(settings, findingIn(event), {})).toBe(us);
  });
});

test('a resource whose tags or name are ours is anybody’s', () => {
  const event = withMembers(readEvent('activity-log/storage-account-notified'), {
    'data.resourceInfo.tags': { claims: JSON.stringify(ours), caller: writerPrincipal },
    'data.resourceInfo.name': writerPrincipal,
  });
  expect(isOwnChange(settings, findingIn(event), event)).toBe(false);
});
