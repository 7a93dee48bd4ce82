import { describe, expect, test } from 'vitest';
import { occasions } from '../../shared/model/notice.ts';
import { outcomes } from '../../shared/model/outcome.ts';
import { noticeParts, noticeText } from '../../shared/report/notice-text.ts';
import { everywhere, injections } from '../support/injections.ts';
import { askNotice, endNotice, planDigest } from '../support/notices.ts';

describe('the text of a notice', () => {
  test('says what was found, what is cut, what waits, of whom, until when, and the commands', () => {
    expect(noticeText(askNotice())).toBe(`\
High: Approval needed, playbook stolen-instance-credentials, run runaaaaaaaaaaaaaaaaaaaaaaa

Found
  Credentials of web-1 are used from outside (High, guardduty)
  Type: UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration[.]OutsideAWS
  It says: Credentials of the instance i-0a1b2c3d4e5f60718 are used from 203[.]0[.]113[.]91.
  Target: web-1 (aws[.]ec2[.]instance), account 111122223333, eu-west-1
  Id: arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718

Already cut
  Deny the stolen session (1 change)

Waits
  Isolate the instance (3 changes): The playbook asks a person first.

Not done
  Snapshot the volumes (2 changes), failed: The provider refused the change.

An answer is asked
  Of: security-oncall
  Until: 2026-11-20 09:35 UTC, 30 minutes after this message
  Caution: Nothing brings the memory of the instance back.
  Plan: ${planDigest}

More
  A person is asked before a step.

Commands
  cordon approve approvalaaaaaaaaaaaaaaaaaa --digest ${planDigest}
  cordon reject approvalaaaaaaaaaaaaaaaaaa --digest ${planDigest}
  cordon release runaaaaaaaaaaaaaaaaaaaaaaa`);
  });

  test('says so where nothing is cut yet', () => {
    const [, , waiting] = askNotice().steps;
    expect(noticeText(askNotice({ steps: waiting ? [waiting] : [] }))).toContain('Already cut\n  nothing yet');
  });

  test('names the outcome of a run that is over, and asks nothing', () => {
    const { headline, parts } = noticeParts(endNotice());
    expect(headline).toMatch(/^High: Run over: contained, /);
    expect(parts.map(({ name }) => name)).not.toContain('asks');
  });

  test.each(Object.keys(occasions) as (keyof typeof occasions)[])('has a sentence for %s', (kind) => {
    const bare = endNotice({ kind, run: null, playbook: null, finding: null, target: null, steps: [], commands: [] });
    expect(noticeText(bare)).toContain(occasions[kind]);
    expect(noticeText(bare)).not.toMatch(/null|undefined|NaN/);
  });

  test.each(Object.keys(outcomes) as (keyof typeof outcomes)[])('puts a step that is %s under a heading', (state) => {
    const step = { id: 's', title: 'The step', state, reason: 'allowed', changes: 1 } as const;
    expect(noticeText(endNotice({ steps: [step] }))).toContain('The step');
  });

  test('stays short however many steps there are', () => {
    const step = { id: 's', title: 'x'.repeat(500), state: 'contained', reason: 'allowed', changes: 1 } as const;
    const text = noticeText(endNotice({ steps: Array.from({ length: 500 }, () => step) }));
    expect(text).toContain('and 481 more; cordon explain shows all');
    expect(text.length).toBeLessThan(8_000);
  });

  test('has the same lines whatever an attacker has written into it', () => {
    const headings = (text: string) => text.split('\n').filter((line) => !line.startsWith('  '));
    const lines = noticeText(everywhere('x', askNotice())).split('\n').length;
    for (const injection of injections) {
      const text = noticeText(everywhere(injection, askNotice()));
      expect(headings(text)).toEqual(headings(noticeText(askNotice())));
      expect([injection.slice(0, 40), text.split('\n').length]).toEqual([injection.slice(0, 40), lines]);
    }
  });
});
