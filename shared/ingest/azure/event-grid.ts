import { type Json, own } from '../../model/json.ts';
import { quoted } from '../shape.ts';
import { ignored, malformed, type Source } from '../source.ts';

const validation = 'microsoft.eventgrid.subscriptionvalidationevent';
const deletion = 'microsoft.eventgrid.subscriptiondeletedevent';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const typeOf = (event: Json): unknown => own(event, own(event, 'specversion') === undefined ? 'eventType' : 'type');

/** Event Grid's own messages, and those of system topics that no playbook uses. */
export const eventGrid: Source = {
  id: 'event-grid',
  title: "Event Grid's own messages, and other system topics",
  delivery: 'Event Grid, types that begin with Microsoft. and that no other source reads',
  identity: 'none: it makes no finding; that an event subscription was deleted is kept and warned of',
  confirm: 'channel',
  sampleMarker: 'none',
  forgeable: [],
  reference: 'https://learn.microsoft.com/azure/event-grid/system-topics',

  envelopes: [`grid/${validation}`, `grid/${deletion}`, 'grid/microsoft.*'],

  read(event) {
    const type = typeOf(event);
    const name = textOf(type).trim().toLowerCase();
    if (name === validation) return ignored('A handshake of Event Grid: the door that it came by answers it.');
    const subscription = textOf(own(own(event, 'data'), 'eventSubscriptionId') ?? own(event, 'subject'));
    if (name === deletion)
      // kept and warned of like what cannot be used: nothing else would tell that findings no longer come
      return malformed(
        `The event subscription ${quoted(subscription.slice(subscription.lastIndexOf('/') + 1))} was deleted: what came by it no longer comes.`,
        'Find out who deleted it, and create it again.',
      );
    return ignored(`No playbook uses events of the type ${quoted(type)}; leave them out of the event subscription.`);
  },
};
