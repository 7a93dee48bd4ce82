import type { ChannelSettings, SnsSettings } from '../../config/channels.ts';
import type { Settings } from '../../config/settings.ts';
import { severities } from '../../model/finding.ts';
import type { Notice } from '../../model/notice.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Channel, Notifier } from '../../ports/notifier.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Signer } from '../../ports/signer.ts';

/** What the channels are made with. */
export type NotifierDeps = {
  readonly settings: Pick<Settings, 'channels' | 'stage'>;
  readonly secrets: Secrets;
  readonly signer: Signer;
  readonly clock: Clock;
  /** AWS comes in from the host, which knows whose credentials it has. */
  readonly sns: (settings: SnsSettings) => Promise<Channel>;
};

async function open(settings: ChannelSettings, deps: NotifierDeps): Promise<Channel> {
  if (settings.kind === 'sns') return deps.sns(settings);
  if (settings.kind === 'slack') return (await import('./slack.ts')).slackChannel(settings, deps);
  return (await import('./webhook.ts')).webhookChannel(settings, { ...deps, stage: deps.settings.stage });
}

/** A channel that is loaded when something is first sent through it. */
function lazily(settings: ChannelSettings, deps: NotifierDeps): Channel {
  let opening: Promise<Channel> | undefined;
  return {
    name: settings.name,
    async send(...message) {
      opening ??= open(settings, deps);
      return (await opening).send(...message);
    },
  };
}

const takes = ({ kinds, severity, pageOnly }: ChannelSettings, notice: Notice): boolean =>
  (!pageOnly || notice.page) &&
  (kinds?.includes(notice.kind) ?? true) &&
  (severity === undefined || severities.indexOf(notice.severity) >= severities.indexOf(severity));

/**
 * The channels of the settings. A notice goes to every one that takes it; one that is to wake somebody up goes to all
 * where none would take it: nobody is left asleep by a route.
 */
export function notifierOf(deps: NotifierDeps): Notifier {
  const routes = deps.settings.channels.map((settings) => ({ settings, channel: lazily(settings, deps) }));
  const channels = routes.map(({ channel }) => channel);
  return {
    channels,
    channelsFor(notice) {
      const taking = routes.flatMap(({ settings, channel }) => (takes(settings, notice) ? [channel] : []));
      return taking.length === 0 && notice.page ? channels : taking;
    },
  };
}
