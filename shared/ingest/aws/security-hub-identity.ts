import type { Finding } from '../../model/finding.ts';
import { parseArn } from '../../model/identifiers.ts';
import { type Asff, captionOf, classifierOf, typesOf } from './asff.ts';

/** What tells a finding from others, and where its provider rates it otherwise; the rest is read alike. */
export type Identity = Pick<Finding, 'id' | 'provider' | 'type' | 'link'> &
  Partial<Pick<Finding, 'severity' | 'severityOriginal'>>;

const controlId = /^[A-Za-z]/;
const wrapping = new Set(['', 'control', 'rule', 'ruleset', 'security-control']);

/**
 * The control that was checked: `S3.8`. Before controls were consolidated it is the last part of the generator
 * (`PCI.S3.2` too); a rule of CIS has only a number, so its benchmark stays before it:
 * `cis-aws-foundations-benchmark/v/1.2.0/4.1` (docs.aws.amazon.com/securityhub, "Consolidated control findings").
 */
function controlOf({ Compliance, GeneratorId, ProductFields }: Asff): string | undefined {
  const generator = GeneratorId ?? ProductFields.get('StandardsControlArn') ?? '';
  const parts = (parseArn(generator)?.resource ?? generator).split('/').filter((part) => !wrapping.has(part));
  const last = parts.at(-1) ?? '';
  const named = controlId.test(last) ? last : parts.join('/');
  return Compliance?.SecurityControlId ?? ProductFields.get('ControlId') ?? (named || undefined);
}

function nameOfProduct({ ProductName, ProductFields, ProductArn }: Asff): string {
  return ProductName ?? ProductFields.get('aws/securityhub/ProductName') ?? ProductArn.name;
}

/** Security Hub's own controls by their id, what others report by their name and their first type. */
function ownIdentity(finding: Asff): Identity {
  const { Id, ProductArn } = finding;
  const control = ProductArn.aws === 'securityhub' ? controlOf(finding) : undefined;
  const [first = 'unknown'] = typesOf(finding);
  const link = { findingId: Id, productArn: ProductArn.arn };
  return {
    id: Id,
    provider: 'security-hub',
    type: control ?? `${nameOfProduct(finding)}/${first}`,
    link: control === undefined ? link : { ...link, securityControlId: control },
  };
}

/** Inspector's three kinds, by how it files them in Security Hub. */
function inspectorType(types: readonly string[]): string {
  const all = types.join(' ');
  if (/network reachability/i.test(all)) return 'NETWORK_REACHABILITY';
  return /\/CWE\b|code vulnerabilit/i.test(all) ? 'CODE_VULNERABILITY' : 'PACKAGE_VULNERABILITY';
}

function inspectorIdentity(finding: Asff): Identity | undefined {
  const { service, resource = '' } = parseArn(finding.Id) ?? {};
  // the ids of Inspector Classic are of another service
  if (service !== 'inspector2' || !/^finding\/[\w-]+$/.test(resource)) return undefined;
  const type = inspectorType(typesOf(finding));
  return { id: finding.Id, provider: 'inspector', type, link: { findingArn: finding.Id } };
}

function macieIdentity(finding: Asff): Identity | undefined {
  const { Id, Severity } = finding;
  const type = classifierOf(finding);
  // those of Macie Classic are ARNs
  if (!/^[\w-]+$/.test(Id) || type === '') return undefined;
  return { id: Id, provider: 'macie', type, severityOriginal: captionOf(Severity), link: { findingId: Id } };
}

/** The copy has the id only in the address of its page; its own `Id` is made of the analyzer and the resource. */
function analyzerIdentity(finding: Asff): Identity | undefined {
  const { Id, SourceUrl = '' } = finding;
  const [, id] = /\/findings\/details\/([\w-]{1,64})$/.exec(SourceUrl) ?? [];
  const { service, resource = '' } = parseArn(Id) ?? {};
  if (service !== 'access-analyzer' || id === undefined) return undefined;
  const classifier = typesOf(finding)[0]?.split('/').at(-1) ?? '';
  const [, analyzerArn = ''] = /^(arn:.+?:analyzer\/[\w.-]+)/.exec(Id) ?? [];
  return {
    id,
    provider: 'access-analyzer',
    type: classifier.replace(/ (Granted|Found)$/, '').replaceAll(' ', '') || 'ExternalAccess',
    // Access Analyzer itself gives none
    severity: 'Unknown',
    severityOriginal: '',
    link: { findingId: id, ...(resource.startsWith('analyzer/') && { analyzerArn }) },
  };
}

const copies: ReadonlyMap<string | undefined, (finding: Asff) => Identity | undefined> = new Map([
  ['inspector', inspectorIdentity],
  ['macie', macieIdentity],
  ['access-analyzer', analyzerIdentity],
]);

/** Whose finding it is: of the product that Security Hub has it from, where Cordon reads that itself, else Security Hub's. */
export const identityOf = (finding: Asff): Identity =>
  copies.get(finding.ProductArn.aws)?.(finding) ?? ownIdentity(finding);
