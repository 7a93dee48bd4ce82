import {
  type AwsSecurityFinding,
  BatchUpdateFindingsCommand,
  type BatchUpdateFindingsUnprocessedFinding,
  paginateGetFindings,
  SecurityHubClient,
  type WorkflowStatus,
} from '@aws-sdk/client-securityhub';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { ProviderError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import { type FindingProgress, progressAuthor } from '../../model/finding-progress.ts';
import type { Reported } from '../../ports/clouds.ts';

/** The most that Security Hub takes as the text of a note. */
const noteCharacters = 512;

export type HubKey = { readonly Id: string; readonly ProductArn: string };
type Update = { readonly Workflow: { readonly Status: WorkflowStatus }; readonly Note: Note };
type Note = { readonly Text: string; readonly UpdatedBy: string };

/** What Security Hub knows a finding by; undefined where it cannot know it. */
export function hubKeyOf({ provider, link }: Finding, { partition, region }: AwsSession): HubKey | undefined {
  const { findingId, productArn, findingArn } = link;
  if (provider !== 'guardduty') return findingId && productArn ? { Id: findingId, ProductArn: productArn } : undefined;
  const ProductArn = `arn:${partition}:securityhub:${region}::product/aws/guardduty`;
  return findingArn === undefined ? undefined : { Id: findingArn, ProductArn };
}

/** A finding as Security Hub has it now; undefined where it has none. */
export async function readHubFinding(
  client: SecurityHubClient,
  { Id, ProductArn }: HubKey,
): Promise<AwsSecurityFinding | undefined> {
  const is = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }];
  for await (const page of paginateGetFindings({ client }, { Filters: { Id: is(Id), ProductArn: is(ProductArn) } })) {
    const [copy] = page.Findings ?? [];
    if (copy) return copy;
  }
  return undefined;
}

/** Our line above those of other runs of the same finding, as many as there is room for. */
function noteOf(line: string, run: string, before = ''): string {
  const others = before.split('\n').filter((one) => one !== '' && !one.includes(run));
  return others.reduce((text, one) => {
    const longer = `${text}\n${one}`;
    return longer.length <= noteCharacters ? longer : text;
  }, line);
}

/** News since the version that the run answered: what closes it would hide what nobody has looked at. */
const isNewer = ({ UpdatedAt }: AwsSecurityFinding, { updatedAt }: Finding): boolean =>
  Date.parse(UpdatedAt ?? '') > Date.parse(updatedAt);

/**
 * What is to be written over a copy as it stands. NEW moves on, and NOTIFIED where the note says that it is our own; a
 * finding on which somebody else has written, whose state somebody else has set, or which is closed, is left.
 */
function updateFor(copy: AwsSecurityFinding, finding: Finding, progress: FindingProgress): Update | 'told' | 'left' {
  const { Workflow, Note, RecordState } = copy;
  const status = Workflow?.Status ?? 'NEW';
  const ours = Note?.UpdatedBy === progressAuthor;
  // as often as a message is delivered it is written once, whatever people have made of it since
  if (ours && Note.Text?.split('\n').includes(progress.note)) return 'told';
  const open = status === 'NEW' ? !Note || ours : status === 'NOTIFIED' && ours;
  if (RecordState === 'ARCHIVED' || !open) return 'left';
  const wanted = progress.state === 'resolved' && !isNewer(copy, finding) ? 'RESOLVED' : 'NOTIFIED';
  const Text = noteOf(progress.note, progress.run, Note?.Text);
  return { Workflow: { Status: wanted }, Note: { Text, UpdatedBy: progressAuthor } };
}

/** Passing refusals; the other codes mean that the request itself is wrong. */
const passing = ['ConcurrentUpdateError', 'InternalFailure'];

/** Security Hub answers 200 and names what it has not done. */
function refusal({ ErrorCode = 'unknown', ErrorMessage = '' }: BatchUpdateFindingsUnprocessedFinding): Reported {
  if (ErrorCode === 'FindingNotFound') return 'gone';
  throw new ProviderError({
    code: ErrorCode,
    message: `AWS: Security Hub did not update the finding: ${ErrorCode}: ${ErrorMessage}`,
    status: 200,
    retryable: passing.includes(ErrorCode),
    indeterminate: false,
  });
}

/**
 * Moves the workflow of a finding in Security Hub, or of GuardDuty's copy there, and leaves a note
 * (docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchupdatefindings.html). Security Hub writes
 * without a condition: it is read right before, and what a person sets in the instant between the two calls is written
 * over; the history of the finding shows both. Nothing here ever sets NEW or SUPPRESSED.
 */
export async function reportSecurityHub(
  session: AwsSession,
  finding: Finding,
  progress: FindingProgress,
): Promise<Reported> {
  const key = hubKeyOf(finding, session);
  if (!key) return 'gone';
  const client = session.client(SecurityHubClient);
  // InvalidAccess: Security Hub is not enabled in that account and region
  const copy = await unlessAbsent(['InvalidAccess'], () => readHubFinding(client, key));
  if (!copy) return 'gone';
  const update = updateFor(copy, finding, progress);
  if (typeof update === 'string') return update;
  const command = new BatchUpdateFindingsCommand({ FindingIdentifiers: [key], ...update });
  const { UnprocessedFindings = [] } = await client.send(command);
  const [refused] = UnprocessedFindings;
  return refused ? refusal(refused) : 'told';
}
