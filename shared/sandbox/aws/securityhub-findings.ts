import type * as securityhub from '@aws-sdk/client-securityhub';
import * as z from 'zod';
import { Json } from '../../model/json.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type HubFinding, hubFindingKey, hubFindings, hubKey, hubs, putHubFinding } from './securityhub-rows.ts';

const Hub = z.strictObject({
  /** In the spelling of GetFindings. */
  findings: z.array(z.object({ Id: z.string(), ProductArn: z.string() }).catchall(Json)).default([]),
});

const invalid = (message: string) =>
  new AwsFault('InvalidInputException', message, { fields: { Code: 'InvalidInput' } });
const notModelled = (what: string) =>
  new AwsFault('NotImplemented', `the sandbox does not model ${what} of Security Hub`, { status: 501 });

const hubArn = (_: unknown, { partition, region, account }: Call): string =>
  `arn:${partition}:securityhub:${region}:${account}:hub/default`;

function checkEnabled({ world, account, region }: Call): void {
  if (world.rows.get(hubs, hubKey({ account, region }))) return;
  throw new AwsFault('InvalidAccessException', `Account ${account} is not subscribed to AWS Security Hub`, {
    fields: { Code: 'InvalidAccessException' },
  });
}

type Filters = securityhub.AwsSecurityFindingFilters;

/** The members that a filter may be about; one that is not here is refused, never passed over. */
const filtered: { readonly [F in keyof Filters]?: (finding: HubFinding) => string | undefined } = {
  Id: ({ Id }) => Id,
  ProductArn: ({ ProductArn }) => ProductArn,
  AwsAccountId: ({ AwsAccountId }) => AwsAccountId,
  Region: ({ Region }) => Region,
  RecordState: ({ RecordState }) => RecordState,
  WorkflowStatus: ({ Workflow }) => Workflow?.Status,
};
/** Those that compare instants, both ends counted in. */
const dated: { readonly [F in keyof Filters]?: (finding: HubFinding) => string | undefined } = {
  CreatedAt: ({ CreatedAt }) => CreatedAt,
};
const Between = z.array(z.strictObject({ Start: z.iso.datetime(), End: z.iso.datetime() })).length(1);
const Comparison = z.array(z.object({ Value: z.string(), Comparison: z.enum(['EQUALS', 'PREFIX', 'NOT_EQUALS']) }));

/** Whether one filter lets a value through: any of what it may be, and all of what it may not. */
function lets(filter: z.output<typeof Comparison>, value = ''): boolean {
  const may = filter.filter(({ Comparison: how }) => how !== 'NOT_EQUALS');
  const barred = filter.some(({ Comparison: how, Value }) => how === 'NOT_EQUALS' && Value === value);
  const fits = ({ Comparison: how, Value }: (typeof filter)[number]) =>
    how === 'EQUALS' ? value === Value : value.startsWith(Value);
  return !barred && (may.length === 0 || may.some(fits));
}

function isBetween(value = '', given: unknown): boolean {
  const filter = Between.safeParse(given);
  const [between] = filter.data ?? [];
  if (!between) throw notModelled('such a filter of instants');
  const at = Date.parse(value);
  return at >= Date.parse(between.Start) && at <= Date.parse(between.End);
}

function passes(finding: HubFinding, filters: Filters): boolean {
  return Object.entries(filters).every(([name, given]) => {
    if (given === undefined) return true;
    const time = Object.hasOwn(dated, name) ? dated[name as keyof Filters] : undefined; // an own key of it
    if (time) return isBetween(time(finding), given);
    const member = Object.hasOwn(filtered, name) ? filtered[name as keyof Filters] : undefined; // an own key of it
    const filter = Comparison.safeParse(given);
    if (!member || !filter.success) throw notModelled(`the filter ${name}`);
    return lets(filter.data, member(finding));
  });
}

type Refused = securityhub.BatchUpdateFindingsUnprocessedFinding;
type Update = Pick<securityhub.BatchUpdateFindingsRequest, 'Note' | 'Workflow' | 'UserDefinedFields'>;

const statuses = ['NEW', 'NOTIFIED', 'RESOLVED', 'SUPPRESSED'];

function checkUpdate({ Note, Workflow }: Update): void {
  if (Note && (!Note.Text || !Note.UpdatedBy || Note.Text.length > 512))
    throw invalid('Invalid parameter: Note. Text and UpdatedBy are required, Text has at most 512 characters.');
  if (Workflow && !statuses.includes(Workflow.Status ?? ''))
    throw invalid(`Invalid parameter: Workflow.Status is one of ${statuses.join(', ')}.`);
}

/** What an update leaves behind. It does not move UpdatedAt, which is the provider's. */
const updated = (finding: HubFinding, { Note, Workflow, UserDefinedFields }: Update, now: string): HubFinding => ({
  ...finding,
  ...(Note && { Note: { Text: Note.Text, UpdatedBy: Note.UpdatedBy, UpdatedAt: now } }),
  ...(Workflow && { Workflow: { Status: Workflow.Status } }),
  ...(UserDefinedFields && { UserDefinedFields: { ...finding.UserDefinedFields, ...UserDefinedFields } }),
});

const operations = operationsOf<typeof securityhub>()({
  DescribeHub: {
    on: hubArn,
    does(_, call) {
      checkEnabled(call);
      return { HubArn: hubArn(_, call) };
    },
  },
  GetFindings: {
    on: hubArn,
    does({ Filters: filters = {}, SortCriteria, NextToken, MaxResults = 100 }, call) {
      checkEnabled(call);
      if (SortCriteria && SortCriteria.length > 0) throw notModelled('SortCriteria');
      if (MaxResults < 1 || MaxResults > 100) throw invalid('Invalid parameter: MaxResults is 1 to 100.');
      const within = `${hubKey(call)}/`;
      const all = call.view.all(hubFindings).filter(([key]) => key.startsWith(within));
      const fitting = all.map(([, finding]) => finding).filter((finding) => passes(finding, filters));
      const { items, next } = page(fitting, NextToken, MaxResults);
      return { Findings: [...items], ...(next !== undefined && { NextToken: next }) };
    },
  },
  BatchUpdateFindings: {
    on: hubArn,
    context: ({ Workflow }) =>
      Workflow?.Status ? { 'securityhub:ASFFSyntaxPath/Workflow.Status': Workflow.Status } : {},
    does({ FindingIdentifiers = [], Note, Workflow, UserDefinedFields, ...others }, call) {
      checkEnabled(call);
      const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
      if (other !== undefined) throw notModelled(`updating ${other}`);
      if (FindingIdentifiers.length === 0 || FindingIdentifiers.length > 100)
        throw invalid('Invalid parameter: FindingIdentifiers has 1 to 100 items.');
      const update: Update = { Note, Workflow, UserDefinedFields };
      checkUpdate(update);
      const processed: securityhub.AwsSecurityFindingIdentifier[] = [];
      const refused: Refused[] = [];
      const seen = new Set<string>();
      for (const FindingIdentifier of FindingIdentifiers) {
        const { Id = '', ProductArn = '' } = FindingIdentifier;
        const key = hubFindingKey(call, { Id, ProductArn });
        const finding = call.world.rows.get(hubFindings, key);
        const twice = seen.has(key);
        seen.add(key);
        if (!finding || twice) {
          const ErrorCode = twice ? 'DuplicatedFindingIdentifier' : 'FindingNotFound';
          const ErrorMessage = twice ? 'Finding Identifier is duplicated' : 'Finding Not Found';
          refused.push({ FindingIdentifier, ErrorCode, ErrorMessage });
          continue;
        }
        call.world.rows.put(hubFindings, key, updated(finding, update, call.world.clock.now()));
        processed.push({ Id, ProductArn });
      }
      return { ProcessedFindings: processed, UnprocessedFindings: refused };
    },
  },
});

/** Security Hub in a region, with its copies of findings; left out of the estate, it is not enabled. */
export const securityHub = awsNoun({
  name: 'securityHub',
  scope: 'region',
  estate: Hub.optional(),
  seed(rows, hub, { account, region }) {
    if (!hub) return;
    rows.put(hubs, hubKey({ account, region }), { account, region });
    for (const finding of hub.findings) putHubFinding(rows, { account, region }, finding);
  },
  operations: { securityhub: operations },
});
