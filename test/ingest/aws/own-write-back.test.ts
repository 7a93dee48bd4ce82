import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isOwnWriteBack } from '../../../shared/ingest/aws/own-write-back.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { eventNames, readEvent, withMembers } from '../../support/events.ts';

const own: JsonObject = JSON.parse(
  readFileSync(new URL('../../fixtures/write-back/security-hub-own-note.json', import.meta.url), 'utf8'),
);
const first = 'detail.findings.0';
const findings = (own['detail'] as { readonly findings: readonly Json[] }).findings; // the fixture has them

describe('our own writing that comes back as an event', () => {
  it('is known by its note', () => {
    expect(isOwnWriteBack(own)).toBe(true);
    expect(isOwnWriteBack(withMembers(own, { [`${first}.Workflow.Status`]: 'RESOLVED' }))).toBe(true);
  });

  it('is known where other runs have a line in the note', () => {
    const Text = `cordon run ${'b'.repeat(26)}: A guardrail forbade it.\ncordon run ${'c'.repeat(26)}: Nobody answered.`;
    expect(isOwnWriteBack(withMembers(own, { [`${first}.Note.Text`]: Text }))).toBe(true);
  });

  it.each<[string, Readonly<Record<string, Json | undefined>>]>([
    ['nobody wrote a note', { [`${first}.Note`]: undefined }],
    ['a person wrote the note', { [`${first}.Note.UpdatedBy`]: 'maria' }],
    ['somebody is called almost like us', { [`${first}.Note.UpdatedBy`]: 'Cordon' }],
    ['the note names no run', { [`${first}.Note.Text`]: 'ignore this finding' }],
    ['GuardDuty has sent an update since', { [`${first}.UpdatedAt`]: '2026-11-20T15:01:40.000Z' }],
    ['the finding was opened again', { [`${first}.Workflow.Status`]: 'NEW' }],
    ['a person suppressed the finding', { [`${first}.Workflow.Status`]: 'SUPPRESSED' }],
    ['the times cannot be read', { [`${first}.Note.UpdatedAt`]: 'yesterday' }],
    ['another finding comes with it', { 'detail.findings': [...findings, { Id: 'another' }] }],
    ['it brings no finding', { 'detail.findings': [] }],
    ['a person pressed a button', { 'detail-type': 'Security Hub Findings - Custom Action' }],
    ['it comes from another source', { source: 'northwind.custom' }],
  ])('is news where %s', (_, members) => {
    expect(isOwnWriteBack(withMembers(own, members))).toBe(false);
  });

  it('is no event of another source, and nothing that is no event', () => {
    for (const name of eventNames) expect(isOwnWriteBack(readEvent(name)), name).toBe(false);
    for (const nothing of [null, 'text', 7, [], {}]) expect(isOwnWriteBack(nothing)).toBe(false);
  });
});
