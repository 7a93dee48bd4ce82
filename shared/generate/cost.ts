import { type Cloud, event, type Line, type Load, month, place, remediation, standing, sum } from './cost-model.ts';
import type { Generated } from './generated.ts';
import { prices } from './prices.ts';
import { page, table } from './reference.ts';

const clouds = { aws: 'AWS', azure: 'Azure' } as const;

/** Organisations to compare with. */
export const loads: readonly (Load & { readonly name: string })[] = [
  { name: 'small', events: 1_000, remediations: 10, accounts: 5, regions: 2 },
  { name: 'medium', events: 20_000, remediations: 200, accounts: 100, regions: 4 },
  { name: 'large', events: 1_000_000, remediations: 5_000, accounts: 1_000, regions: 16 },
];

const small = (dollars: number): string => `$${dollars.toFixed(7)}`;
const whole = (dollars: number): string => `$${dollars.toFixed(2)}`;

const rows = (lines: readonly Line[], show: (dollars: number) => string): string[][] => [
  ...lines.map(({ what, count, price, dollars }) => [
    what,
    String(Number(count.toPrecision(4))),
    prices[price].per,
    show(dollars),
  ]),
  ['**sum**', '', '', `**${show(sum(lines))}**`],
];

const head = ['what', 'how many', 'of', 'dollars'];

const linesOf = (cloud: Cloud): string[] => [
  `## ${clouds[cloud]}`,
  '',
  `### One remediation: ${small(sum(remediation(cloud)))}`,
  '',
  ...table(head, rows(remediation(cloud), small)),
  '',
  `### One event: ${small(sum(event(cloud)))}`,
  '',
  ...table(head, rows(event(cloud), small)),
  '',
  `### A month in which nothing happens: ${whole(sum(standing(cloud)))}`,
  '',
  ...table(head, rows(standing(cloud), whole)),
  '',
  `### One more source: ${whole(sum(place(cloud)))} a month`,
  '',
  ...table(head, rows(place(cloud), whole)),
  '',
  '### Months',
  '',
  ...table(
    ['', ...loads.map(({ name }) => name)],
    [
      ...month(cloud, loads[0] ?? { events: 0, remediations: 0, accounts: 0, regions: 0 }).parts.map((_, at) => [
        ['standing', 'events', 'remediations', 'sources'][at] ?? '',
        ...loads.map((load) => whole(month(cloud, load).parts[at]?.dollars ?? 0)),
      ]),
      ['**sum**', ...loads.map((load) => `**${whole(month(cloud, load).dollars)}**`)],
    ],
  ),
  '',
];

/** What Cordon costs, line by line, from a model whose lines add up. */
export const costPage = (): Generated =>
  page('cost.md', [
    '# What it costs',
    '',
    'In US dollars at list prices, without free grants and taxes, for Cordon itself: not for GuardDuty, Defender, CloudTrail or',
    'snapshots that are kept as evidence. What one remediation uses is counted in a run on the sandbox, from its event to the',
    'last look a day later; how long functions are billed is an assumption, on the safe side. Calls to IAM, EC2, ARM and Graph',
    'cost nothing, nor do rules, roles and event subscriptions in member accounts. A source is a region of an account on AWS',
    'and a subscription on Azure; what it adds is its alarms. Playbooks, outcomes and reasons make further series of a metric.',
    '',
    'Months: small is 1,000 events and 10 remediations in 5 accounts of 2 regions; medium 20,000 and 200 in 100 of 4; large',
    '1,000,000 and 5,000 in 1,000 of 16.',
    '',
    ...linesOf('aws'),
    ...linesOf('azure'),
    '## Prices',
    '',
    'Those marked *from memory* were not looked up: compare them with the page beside them before you rely on a sum.',
    '',
    ...table(
      ['price', 'per', 'dollars', 'looked up', 'page'],
      Object.entries(prices).map(([name, { dollars, per, read, source }]) => [
        `\`${name}\``,
        per,
        String(Number(dollars.toPrecision(6))),
        read,
        source,
      ]),
    ),
  ]);
