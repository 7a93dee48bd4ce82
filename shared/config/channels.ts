import * as z from 'zod';
import { Severity } from '../model/finding.ts';
import { type NoticeKind, occasions } from '../model/notice.ts';

/** A secret by reference: the settings never hold one. */
export const SecretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_]\w{0,127}|ssm:[\w./-]{1,500}|secretsmanager:[\w/+=.@:-]{1,500}|keyvault:[\w-]{3,24}\/[\w-]{1,127}(\/[0-9a-f]{32})?)$/,
    'a secret is named, never written here: env:NAME, ssm:/path, secretsmanager:name or keyvault:vault/name',
  );

const httpsAddress = z.url({ protocol: /^https$/, error: 'an address that begins with https://' });

/** What every channel has: its name, and which notices it takes. */
const routed = {
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'small letters, digits and hyphens'),
  kinds: z
    .array(z.enum(Object.keys(occasions) as [NoticeKind, ...NoticeKind[]])) // the keys of a literal, never empty
    .min(1)
    .optional()
    .describe('Only these; all when left out.'),
  severity: Severity.optional().describe('Nothing below it.'),
  pageOnly: z.boolean().default(false).describe('Only what is to wake somebody up.'),
};

/** Slack through its Web API, as an app with the scope `chat:write` (docs.slack.dev, chat.postMessage). */
export const SlackSettings = z.strictObject({
  kind: z.literal('slack'),
  ...routed,
  channel: z
    .string()
    .regex(/^[CGD][A-Z0-9]{2,20}$/, 'the id of a conversation, as C0123456789')
    .describe('The id of the conversation, not its name.'),
  token: SecretReference,
  signingSecret: SecretReference.optional().describe(
    'With it a message has the buttons Approve and Reject, and what they send is believed.',
  ),
  approvals: httpsAddress.optional().describe("Address of the approval page; the approval's id is put behind it."),
});
export type SlackSettings = z.infer<typeof SlackSettings>;

/** A topic of Amazon SNS; its region is in its ARN. */
export const SnsSettings = z.strictObject({
  kind: z.literal('sns'),
  ...routed,
  topicArn: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/, 'the ARN of an SNS topic'),
});
export type SnsSettings = z.infer<typeof SnsSettings>;

/** A web hook after Standard Webhooks (standardwebhooks.com); its address may be a secret itself. */
export const WebhookSettings = z.strictObject({
  kind: z.literal('webhook'),
  ...routed,
  url: z.union([SecretReference, httpsAddress]),
  secret: SecretReference.describe('`whsec_` and base64; several, parted by blanks, while one is being replaced.'),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;

export const ChannelSettings = z.discriminatedUnion('kind', [SlackSettings, SnsSettings, WebhookSettings]);
export type ChannelSettings = z.infer<typeof ChannelSettings>;

/** The ways to reach people, each with a name of its own. */
export const Channels = z
  .array(ChannelSettings)
  .refine((channels) => new Set(channels.map(({ name }) => name)).size === channels.length, {
    error: 'two channels have the same name',
  })
  .default([]);
