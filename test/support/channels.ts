import { slackChannel } from '../../shared/adapters/notify/slack.ts';
import { webhookChannel } from '../../shared/adapters/notify/webhook.ts';
import { environmentSecrets } from '../../shared/adapters/system/secrets.ts';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import { SlackSettings, WebhookSettings } from '../../shared/config/channels.ts';
import type { Channel } from '../../shared/ports/notifier.ts';
import { virtualClock } from '../../shared/sandbox/clock.ts';
import { askedAt } from './notices.ts';

/** Secrets that must stand in no error, no record and no log. */
export const planted = {
  CORDON_SLACK_TOKEN: 'xoxb-planted-0000-slacktokencanary',
  CORDON_SLACK_SECRET: 'plantedslacksigningsecretcanary0',
  CORDON_HOOK_SECRET: `whsec_${Buffer.from('planted-hook-secret-canary-00000').toString('base64')}`,
} as const;

export const signer = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 7) }]);

type Environment = Readonly<Record<string, string | undefined>>;

/** A channel to Slack at a loopback address. */
export function toSlack(url: string, changed: object = {}, environment: Environment = planted): Channel {
  const settings = SlackSettings.parse({
    kind: 'slack',
    name: 'slack',
    channel: 'C0123456789',
    token: 'env:CORDON_SLACK_TOKEN',
    signingSecret: 'env:CORDON_SLACK_SECRET',
    approvals: 'https://cordon.northwind.example/approvals',
    ...changed,
  });
  return slackChannel(settings, { secrets: environmentSecrets(environment), signer, baseUrl: `${url}/api` });
}

/** A channel to a web hook at a loopback address, which is a secret itself. */
export function toHook(url: string, environment: Environment = planted): Channel {
  const settings = WebhookSettings.parse({
    kind: 'webhook',
    name: 'hook',
    url: 'env:CORDON_HOOK_URL',
    secret: 'env:CORDON_HOOK_SECRET',
  });
  const secrets = environmentSecrets({ CORDON_HOOK_URL: `${url}/hooks/planted-path-canary`, ...environment });
  return webhookChannel(settings, { secrets, clock: virtualClock(askedAt), stage: 'production', allowLoopback: true });
}
