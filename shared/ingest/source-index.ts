// Made by `npm run generate`; do not edit.
import type { Source } from './source.ts';

const accessAnalyzer = () => import('./aws/access-analyzer.ts').then((one) => one.accessAnalyzer);
const cloudtrail = () => import('./aws/cloudtrail.ts').then((one) => one.cloudtrail);
const config = () => import('./aws/config.ts').then((one) => one.config);
const costAnomaly = () => import('./aws/cost-anomaly.ts').then((one) => one.costAnomaly);
const guardduty = () => import('./aws/guardduty.ts').then((one) => one.guardduty);
const guarddutyS3 = () => import('./aws/guardduty-s3.ts').then((one) => one.guarddutyS3);
const health = () => import('./aws/health.ts').then((one) => one.health);
const inspector = () => import('./aws/inspector.ts').then((one) => one.inspector);
const macie = () => import('./aws/macie.ts').then((one) => one.macie);
const securityHub = () => import('./aws/security-hub.ts').then((one) => one.securityHub);
const securityHubAction = () => import('./aws/security-hub-action.ts').then((one) => one.securityHubAction);
const securityHubV2 = () => import('./aws/security-hub-v2.ts').then((one) => one.securityHubV2);
const costManagement = () => import('./azure/cost-management.ts').then((one) => one.costManagement);
const defender = () => import('./azure/defender.ts').then((one) => one.defender);
const defenderAssessment = () => import('./azure/defender-assessment.ts').then((one) => one.defenderAssessment);
const defenderStorage = () => import('./azure/defender-storage.ts').then((one) => one.defenderStorage);
const defenderXdr = () => import('./azure/defender-xdr.ts').then((one) => one.defenderXdr);
const entra = () => import('./azure/entra.ts').then((one) => one.entra);
const sentinel = () => import('./azure/sentinel.ts').then((one) => one.sentinel);
const activityLog = () => import('./azure/activity-log.ts').then((one) => one.activityLog);
const eventGrid = () => import('./azure/event-grid.ts').then((one) => one.eventGrid);
const policyState = () => import('./azure/policy-state.ts').then((one) => one.policyState);

/** Every source by the names of its envelopes, loaded when a message of one comes. */
export const sourceIndex: ReadonlyMap<string, () => Promise<Source>> = new Map([
  ['arm/microsoft.security/assessments/*', defenderAssessment],
  ['arm/microsoft.security/locations/*', defender],
  ['arm/microsoft.security/regulatorycompliancestandards/*', defenderAssessment],
  ['arm/microsoft.security/securescores/*', defenderAssessment],
  ['arm/microsoft.security/subassessments/*', defenderAssessment],
  ['aws.*/AWS API Call via CloudTrail', cloudtrail],
  ['aws.*/AWS Console Sign In via CloudTrail', cloudtrail],
  ['aws.*/AWS Service Event via CloudTrail', cloudtrail],
  ['aws.access-analyzer/*', accessAnalyzer],
  ['aws.access-analyzer/Access Analyzer Finding', accessAnalyzer],
  ['aws.access-analyzer/Internal Access Finding', accessAnalyzer],
  ['aws.access-analyzer/Unused Access Finding for IAM entities', accessAnalyzer],
  ['aws.ce/*', costAnomaly],
  ['aws.ce/Anomaly Detected', costAnomaly],
  ['aws.config/*', config],
  ['aws.config/Config Rules Compliance Change', config],
  ['aws.guardduty/*', guardduty],
  ['aws.guardduty/GuardDuty Finding', guardduty],
  ['aws.guardduty/GuardDuty Malware Protection Object Scan Result', guarddutyS3],
  ['aws.health/*', health],
  ['aws.health/AWS Health Abuse Event', health],
  ['aws.health/AWS Health Event', health],
  ['aws.inspector2/*', inspector],
  ['aws.inspector2/Inspector2 Finding', inspector],
  ['aws.macie/*', macie],
  ['aws.macie/Macie Finding', macie],
  ['aws.securityhub/*', securityHub],
  ['aws.securityhub/Findings Imported V2', securityHubV2],
  ['aws.securityhub/Security Hub Findings - Custom Action', securityHubAction],
  ['aws.securityhub/Security Hub Findings - Imported', securityHub],
  ['aws.securityhub/Security Hub Insight Results', securityHubAction],
  ['bare/alert', defender],
  ['bare/asff', securityHub],
  ['bare/cloudtrail', cloudtrail],
  ['bare/guardduty', guardduty],
  ['bare/sub-assessment', defenderAssessment],
  ['graph/microsoft.graph.security.alert', defender],
  ['grid/*.defender.alert.v1', defender],
  ['grid/*.defender.assessment.v1', defenderAssessment],
  ['grid/microsoft.*', eventGrid],
  ['grid/microsoft.eventgrid.subscriptiondeletedevent', eventGrid],
  ['grid/microsoft.eventgrid.subscriptionvalidationevent', eventGrid],
  ['grid/microsoft.graph.groupdeleted', entra],
  ['grid/microsoft.graph.groupupdated', entra],
  ['grid/microsoft.graph.userdeleted', entra],
  ['grid/microsoft.graph.userupdated', entra],
  ['grid/microsoft.policyinsights.policystatechanged', policyState],
  ['grid/microsoft.policyinsights.policystatecreated', policyState],
  ['grid/microsoft.policyinsights.policystatedeleted', policyState],
  ['grid/microsoft.resourcenotifications.resources.createdorupdated', activityLog],
  ['grid/microsoft.resourcenotifications.resources.deleted', activityLog],
  ['grid/microsoft.resources.resourceactioncancel', activityLog],
  ['grid/microsoft.resources.resourceactionfailure', activityLog],
  ['grid/microsoft.resources.resourceactionsuccess', activityLog],
  ['grid/microsoft.resources.resourcedeletecancel', activityLog],
  ['grid/microsoft.resources.resourcedeletefailure', activityLog],
  ['grid/microsoft.resources.resourcedeletesuccess', activityLog],
  ['grid/microsoft.resources.resourcewritecancel', activityLog],
  ['grid/microsoft.resources.resourcewritefailure', activityLog],
  ['grid/microsoft.resources.resourcewritesuccess', activityLog],
  ['grid/microsoft.security.malwarescanningresult', defenderStorage],
  ['grid/microsoft.security/*', defender],
  ['grid/microsoft.security/assessments', defenderAssessment],
  ['monitor/activity log - administrative', activityLog],
  ['monitor/activity log - autoscale', activityLog],
  ['monitor/activity log - policy', activityLog],
  ['monitor/activity log - recommendation', activityLog],
  ['monitor/activity log - security', defender],
  ['monitor/costalerts', costManagement],
  ['monitor/resource health', activityLog],
  ['monitor/servicehealth', activityLog],
  ['record/adfssigninlogs', entra],
  ['record/administrative', activityLog],
  ['record/advancedhunting-*', defenderXdr],
  ['record/advancedhunting-alertevidence', defenderXdr],
  ['record/advancedhunting-alertinfo', defenderXdr],
  ['record/alert', activityLog],
  ['record/auditlogs', entra],
  ['record/autoscale', activityLog],
  ['record/managedidentitysigninlogs', entra],
  ['record/microsoftgraphactivitylogs', entra],
  ['record/noninteractiveusersigninlogs', entra],
  ['record/policy', activityLog],
  ['record/provisioninglogs', entra],
  ['record/recommendation', activityLog],
  ['record/resourcehealth', activityLog],
  ['record/riskyserviceprincipals', entra],
  ['record/riskyusers', entra],
  ['record/security', defender],
  ['record/servicehealth', activityLog],
  ['record/serviceprincipalriskevents', entra],
  ['record/serviceprincipalsigninlogs', entra],
  ['record/signinlogs', entra],
  ['record/userriskevents', entra],
  ['sentinel/alert', sentinel],
  ['sentinel/entity', sentinel],
  ['sentinel/incident', sentinel],
]);
