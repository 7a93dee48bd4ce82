import {
  type Finding as Known,
  GetFindingsCommand,
  GuardDutyClient,
  paginateListDetectors,
  paginateListFindings,
} from '@aws-sdk/client-guardduty';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { awsFault } from '../../actions/aws/fault.ts';
import { below } from '../../model/json.ts';
import type { ActiveFinding, ActiveHeld } from '../../ports/active-findings.ts';
import type { Session } from '../../ports/clouds.ts';

type Time = { readonly from: string; readonly to: string };

/** GetFindings takes at most so many ids. */
const most = 50;

const isSample = ({ Title = '', Service }: Known): boolean =>
  /^\[sample\]/i.test(Title.trim()) || below(Service?.AdditionalInfo, 'value', 'sample') === true;

/** The findings of one detector that were written since an instant and that nobody has archived. */
async function* heldBy(
  client: GuardDutyClient,
  DetectorId: string,
  account: string,
  since: string,
  abortSignal: AbortSignal,
): AsyncGenerator<Known> {
  const Criterion = {
    accountId: { Equals: [account] }, // an administrator's detector holds those of its members too
    'service.archived': { Equals: ['false'] },
    updatedAt: { GreaterThanOrEqual: Date.parse(since) },
  };
  const asked = { DetectorId, FindingCriteria: { Criterion }, MaxResults: most };
  for await (const { FindingIds = [] } of paginateListFindings({ client }, asked, { abortSignal })) {
    if (FindingIds.length === 0) continue;
    const { Findings = [] } = await client.send(new GetFindingsCommand({ DetectorId, FindingIds }), { abortSignal });
    yield* Findings;
  }
}

/** A finding as its events tell it; nothing for a sample, or one that was first told of at another time. */
function activeIn(known: Known, { from, to }: Time): readonly ActiveFinding[] {
  const { Id: id, Type: type, CreatedAt: createdAt } = known;
  if (id === undefined || type === undefined || createdAt === undefined || isSample(known)) return [];
  return createdAt >= from && createdAt < to ? [{ provider: 'guardduty', id, type, createdAt }] : [];
}

/**
 * What GuardDuty holds as active in the account and region of a session, first told of within a time
 * (docs.aws.amazon.com/guardduty/latest/APIReference, ListFindings). Throws `ProviderError`.
 */
export async function activeInGuardDuty(session: Session, time: Time, signal: AbortSignal): Promise<ActiveHeld> {
  const { account, ...aws } = session as AwsSession; // whoever asks for AWS has opened a session of AWS
  const client = aws.client(GuardDutyClient);
  const found: ActiveFinding[] = [];
  try {
    for await (const { DetectorIds = [] } of paginateListDetectors({ client }, {}, { abortSignal: signal }))
      for (const detector of DetectorIds)
        for await (const known of heldBy(client, detector, account, time.from, signal))
          found.push(...activeIn(known, time));
  } catch (thrown) {
    throw awsFault(thrown);
  }
  return { findings: found, all: true };
}
