import { describe, expect, test } from 'vitest';
import { retryAfterSeconds } from '../../shared/model/retry-after.ts';

const read = (headers: Readonly<Record<string, string>>) => retryAfterSeconds((name) => headers[name]);
const date = 'Fri, 20 Nov 2026 09:05:00 GMT';

describe('how long an answer asks to wait', () => {
  test.each([
    ['seconds', { 'retry-after': '17' }, 17],
    ['a date, by the clock of whoever answers', { 'retry-after': 'Fri, 20 Nov 2026 09:05:30 GMT', date }, 30],
    ['milliseconds', { 'retry-after-ms': '1500' }, 1.5],
    [
      'milliseconds as Azure Storage writes them, before seconds',
      { 'x-ms-retry-after-ms': '250', 'retry-after': '1' },
      0.25,
    ],
    ['a day is cut to an hour', { 'retry-after': '86400' }, 3_600],
  ])('%s', (_, headers, seconds) => {
    expect(read(headers)).toBe(seconds);
  });

  test.each([
    ['nothing', {}],
    ['no number', { 'retry-after': 'soon' }],
    ['a negative number', { 'retry-after': '-5' }],
    ['a date that is over', { 'retry-after': 'Fri, 20 Nov 2026 09:04:00 GMT', date }],
    ['a date against which nothing can be measured', { 'retry-after': date }],
  ])('%s says nothing', (_, headers) => {
    expect(read(headers)).toBeUndefined();
  });
});
