import { accessAnalyzer } from './aws/access-analyzer.ts';
import { cloudtrail } from './aws/cloudtrail.ts';
import { config } from './aws/config.ts';
import { costAnomaly } from './aws/cost-anomaly.ts';
import { guardduty } from './aws/guardduty.ts';
import { guarddutyS3 } from './aws/guardduty-s3.ts';
import { health } from './aws/health.ts';
import { inspector } from './aws/inspector.ts';
import { macie } from './aws/macie.ts';
import { securityHub } from './aws/security-hub.ts';
import { securityHubAction } from './aws/security-hub-action.ts';
import { securityHubV2 } from './aws/security-hub-v2.ts';
import { costManagement } from './azure/cost-management.ts';
import { defender } from './azure/defender.ts';
import { defenderAssessment } from './azure/defender-assessment.ts';
import { defenderStorage } from './azure/defender-storage.ts';
import { defenderXdr } from './azure/defender-xdr.ts';
import { entra } from './azure/entra.ts';
import { sentinel } from './azure/sentinel.ts';
import { activityLog } from './azure/activity-log.ts';
import { eventGrid } from './azure/event-grid.ts';
import { policyState } from './azure/policy-state.ts';
import type { Source } from './source.ts';

/** Every kind of message that Cordon understands. */
export const sources: readonly Source[] = [
  // AWS
  guardduty,
  guarddutyS3,
  securityHub,
  securityHubAction,
  securityHubV2,
  config,
  inspector,
  macie,
  accessAnalyzer,
  health,
  costAnomaly,
  cloudtrail,
  // Azure
  defender,
  defenderAssessment,
  defenderStorage,
  defenderXdr,
  entra,
  sentinel,
  activityLog,
  policyState,
  eventGrid,
  costManagement,
];
