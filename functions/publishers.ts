import type { OutcomeEvents } from '../shared/config/outcome-events.ts';
import type { Publisher } from '../shared/ports/publisher.ts';

/** How each place is opened by its address. */
type Openers = Readonly<Record<'event-bus' | 'event-topic', (address: string) => Promise<Publisher>>>;

/** The places that the settings name, each opened when something is first published there. */
export function lazyPublishers({ eventBus, eventTopic }: OutcomeEvents, open: Openers): readonly Publisher[] {
  const lazy = (name: keyof Openers, address: string | undefined): readonly Publisher[] =>
    address === undefined
      ? []
      : [{ name, publish: async (events, signal) => (await open[name](address)).publish(events, signal) }];
  return [...lazy('event-bus', eventBus), ...lazy('event-topic', eventTopic)];
}
