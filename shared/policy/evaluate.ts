import { conditionsHold } from './conditions.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { closer, type Standing, standingWith } from './principal.ts';
import { type AwsRequest, type Context, contextOf } from './request.ts';
import { expand, resolverFor } from './variables.ts';
import { fits, glob } from './wildcard.ts';

/** The kinds of policy that have a say. */
export type PolicyKind = 'serviceControl' | 'resource' | 'identity' | 'boundary' | 'session';

/** Every policy that applies to a call. A kind that is absent or empty sets no limit. */
export type EvaluateInput = {
  readonly identity: readonly PolicyDocument[];
  readonly resource?: readonly PolicyDocument[] | undefined;
  readonly boundary?: readonly PolicyDocument[] | undefined;
  readonly session?: readonly PolicyDocument[] | undefined;
  /** From the root down, one list per level; each level must allow. Leave out for the management account. */
  readonly serviceControl?: readonly (readonly PolicyDocument[])[] | undefined;
  readonly request: AwsRequest;
};

/** What AWS would answer; `by` is the statement that decided, or the kind of policy that lacked an allow. */
export type Verdict = {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly by?: { readonly policy: PolicyKind; readonly sid?: string };
};

type Layer = { readonly policy: PolicyKind; readonly documents: readonly PolicyDocument[] };

type Call = { readonly request: AwsRequest; readonly context: Context; readonly hasBoundary: boolean };

type Grant = { readonly standing: Standing; readonly statement?: Statement };

const actionFits = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => fits(glob(pattern.toLowerCase()), action.toLowerCase()));

/** Whether a statement is about this call, whoever makes it. */
function concerns(statement: Statement, version: PolicyDocument['Version'], { request, context }: Call): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const resolve = resolverFor(version, context);
  const resourceFits = (patterns: readonly string[]) =>
    patterns.some((text) => {
      const pattern = expand(text, resolve);
      return pattern !== undefined && fits(pattern, request.resource);
    });
  return (
    (Action ? actionFits(Action, request.action) : !actionFits(NotAction ?? ['*'], request.action)) &&
    (Resource ? resourceFits(Resource) : !NotResource || !resourceFits(NotResource)) &&
    conditionsHold(Condition ?? {}, context, resolve)
  );
}

/** The first statement of a layer with this effect on this call. */
function find({ policy, documents }: Layer, effect: Statement['Effect'], call: Call): Statement | undefined {
  const isNamed = (statement: Statement) =>
    policy !== 'resource' || standingWith(statement, call.request.principal, call.hasBoundary) !== 'none';
  return documents
    .flatMap(({ Version, Statement }) => Statement.map((statement) => ({ Version, statement })))
    .find(
      ({ Version, statement }) =>
        statement.Effect === effect && isNamed(statement) && concerns(statement, Version, call),
    )?.statement;
}

/** The closest grant that resource policies make to the caller. */
function resourceGrant(documents: readonly PolicyDocument[], call: Call): Grant {
  let best: Grant = { standing: 'none' };
  for (const { Version, Statement } of documents) {
    for (const statement of Statement) {
      if (statement.Effect !== 'Allow' || !concerns(statement, Version, call)) continue;
      const standing = standingWith(statement, call.request.principal, call.hasBoundary);
      if (standing !== best.standing && closer(standing, best.standing) === standing) best = { standing, statement };
    }
  }
  return best;
}

const verdict = (decision: Verdict['decision'], policy: PolicyKind, statement?: Statement): Verdict => ({
  decision,
  by: { policy, ...(statement?.Sid === undefined ? {} : { sid: statement.Sid }) },
});

const trustActions = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:setsourceidentity',
  'sts:tagsession',
]);

/** Trust policies and key policies must allow by themselves, within one account too. */
const needsResourceGrant = (action: string, documents: readonly PolicyDocument[]): boolean =>
  trustActions.has(action.toLowerCase()) || (documents.length > 0 && action.toLowerCase().startsWith('kms:'));

/** The layers that apply to this kind of caller: strangers bring none, root has no policies of its own. */
function layersOf(input: EvaluateInput): Record<PolicyKind, readonly Layer[]> {
  const { type } = input.request.principal;
  const isIdentity = type === 'user' || type === 'role-session';
  const layer = (policy: PolicyKind, documents: readonly PolicyDocument[] = [], applies = true): readonly Layer[] =>
    applies && documents.length > 0 ? [{ policy, documents }] : [];
  return {
    serviceControl:
      isIdentity || type === 'root'
        ? (input.serviceControl ?? []).map((documents) => ({ policy: 'serviceControl', documents }))
        : [],
    resource: layer('resource', input.resource),
    identity: isIdentity ? [{ policy: 'identity', documents: input.identity }] : [],
    boundary: layer('boundary', input.boundary, isIdentity),
    session: layer('session', input.session, isIdentity || type === 'root'),
  };
}

/** The layers that must each allow, once the resource policies have granted what they grant. */
function limitsAfter(grant: Grant, isForeign: boolean, layers: Record<PolicyKind, readonly Layer[]>): readonly Layer[] {
  const bounds = [...layers.boundary, ...layers.session];
  if (isForeign) return [...layers.identity, ...bounds];
  if (grant.standing === 'direct') return [];
  return grant.standing === 'role' ? bounds : [...layers.identity, ...bounds];
}

/**
 * Decides a call as AWS documents it: an explicit deny anywhere wins, service control policies must allow, a resource
 * policy may grant within its account and must grant across accounts, boundary and session policy limit.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(input: EvaluateInput): Verdict {
  const { request, resource = [] } = input;
  const { principal } = request;
  const layers = layersOf(input);
  const call: Call = { request, context: contextOf(request), hasBoundary: layers.boundary.length > 0 };
  for (const layer of Object.values(layers).flat()) {
    const denied = find(layer, 'Deny', call);
    if (denied) return verdict('explicitDeny', layer.policy, denied);
  }

  const grant = resourceGrant(resource, call);
  const isStranger = layers.identity.length === 0 && principal.type !== 'root';
  const isForeign = !isStranger && principal.account !== request.resourceAccount;
  const isNeeded = isStranger || isForeign || needsResourceGrant(request.action, resource);
  const limits = [...layers.serviceControl, ...limitsAfter(grant, isForeign, layers)];
  const silent = limits.find((layer) => !find(layer, 'Allow', call));
  if (silent) return verdict('implicitDeny', silent.policy);
  if (isNeeded && grant.standing === 'none') return verdict('implicitDeny', 'resource');

  const identity = limits.find(({ policy }) => policy === 'identity');
  if (identity) return verdict('allowed', 'identity', find(identity, 'Allow', call));
  return grant.statement ? verdict('allowed', 'resource', grant.statement) : { decision: 'allowed' };
}
