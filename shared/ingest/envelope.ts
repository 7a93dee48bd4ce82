import { isObject, own } from '../model/json.ts';
import { lowerKeys } from './shape.ts';

/** A text, also where it stands as `{ value, localizedValue }`, in lower case; empty for anything else. */
const word = (value: unknown): string => {
  const text = isObject(value) ? own(value, 'value') : value;
  return typeof text === 'string' ? text.toLowerCase() : '';
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** docs.aws.amazon.com/eventbridge, "Event structure"; sources beginning with `aws.` are AWS's own. */
function eventBridge(event: unknown): readonly string[] {
  const source = text(own(event, 'source'));
  if (source === '' || (own(event, 'detail') === undefined && own(event, 'detail-type') === undefined)) return [];
  const kind = text(own(event, 'detail-type'));
  return [`${source}/${kind}`, ...(source.startsWith('aws.') ? [`aws.*/${kind}`] : []), `${source}/*`];
}

/** Event Grid schema and CloudEvents alike: the type, its namespace, a type that ends in words of ours, any of Azure's own. */
function eventGrid(event: unknown): readonly string[] {
  const type = text(own(event, 'specversion') === undefined ? own(event, 'eventType') : own(event, 'type'));
  const name = type.toLowerCase().trim();
  if (name === '') return [];
  const system = name.startsWith('microsoft.') ? ['grid/microsoft.*'] : [];
  return [`grid/${name}`, `grid/${name.split('/')[0]}/*`, `grid/*.${name.split('.').slice(1).join('.')}`, ...system];
}

/** Azure's envelopes around other things (learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema). */
function azure(lower: unknown): readonly string[] {
  if (word(own(lower, 'schemaid')) === 'azuremonitorcommonalertschema') {
    const service = word(own(lowerKeys(own(lowerKeys(own(lower, 'data')), 'essentials')), 'monitoringservice'));
    return [`monitor/${service}`, 'monitor/*'];
  }
  // a budget's notification without the common alert schema
  if (word(own(lower, 'schemaid')) === 'aip budget notification') return ['monitor/costalerts'];
  if (own(lower, 'objectschematype') !== undefined) return [`sentinel/${word(own(lower, 'objectschematype'))}`];
  const type = word(own(lower, 'type'));
  if (type.startsWith('microsoft.')) return [`arm/${type}`, `arm/${type.split('/').slice(0, 2).join('/')}/*`];
  const category = word(own(lower, 'category'));
  if (category === '' || word(own(lower, 'operationname')) === '') return [];
  return [`record/${category}`, ...(category.startsWith('advancedhunting-') ? ['record/advancedhunting-*'] : [])];
}

/** Things that come without any envelope, told by members that nothing else has. */
function bare(event: unknown, lower: unknown): readonly string[] {
  const arn = text(own(lower, 'arn'));
  if (/^arn:[^:]*:guardduty:/.test(arn) && own(event, 'detail-type') === undefined) return ['bare/guardduty'];
  const called = text(own(event, 'eventSource')) !== '' && text(own(event, 'eventName')) !== '';
  if (called && own(event, 'detail-type') === undefined) return ['bare/cloudtrail'];
  if (own(lower, 'productarn') !== undefined && own(event, 'detail-type') === undefined) return ['bare/asff'];
  if (own(lower, 'systemalertid') !== undefined && own(lower, 'alerttype') !== undefined) return ['bare/alert'];
  if (word(own(lower, '$type')) === 'subassessmentevent') return ['bare/sub-assessment'];
  const graph = word(own(lower, '@odata.type'));
  return graph === '' ? [] : [`graph/${graph.replace(/^#/, '')}`];
}

/**
 * What the envelope says a message is, the most exact name first: the names under which sources are filed. Looks at
 * the outermost members only. Empty where nothing here knows the envelope.
 */
export function envelopeNames(event: unknown): readonly string[] {
  if (!isObject(event)) return [];
  const lower = lowerKeys(event);
  return [...bare(event, lower), ...eventBridge(event), ...eventGrid(event), ...azure(lower)];
}
