import * as z from 'zod';

/** Where programs hear how runs end, as OCSF Remediation Activity events; nowhere when left out. */
export const OutcomeEvents = z.strictObject({
  eventBus: z
    .string()
    .regex(/^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w./-]{1,256}$/, 'the ARN of an event bus')
    .optional()
    .describe('ARN of an EventBridge bus.'),
  eventTopic: z
    .string()
    .regex(
      /^https:\/\/[a-z0-9-]+\.[a-z0-9-]+\.eventgrid\.azure\.net\/api\/events$/,
      'the endpoint of an Event Grid topic',
    )
    .optional()
    .describe('Endpoint of an Event Grid topic that takes CloudEvents.'),
});
export type OutcomeEvents = z.infer<typeof OutcomeEvents>;

/** What the outbox calls the places that are configured. */
export const placesOf = ({ eventBus, eventTopic }: OutcomeEvents): readonly string[] => [
  ...(eventBus === undefined ? [] : ['event-bus']),
  ...(eventTopic === undefined ? [] : ['event-topic']),
];
