import type { Notice } from '../model/notice.ts';
import { exactId, inert } from './inert.ts';
import { noticeParts, noticeText } from './notice-text.ts';

/** A notice as an event of CloudEvents 1.0 (cloudevents.io), in its JSON form. */
export type NoticeEvent = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: `cordon.notice.${Notice['kind']}`;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: { readonly headline: string; readonly text: string; readonly notice: Notice };
};

/** The notice with everything inert that an attacker may have chosen; ARNs and ARM ids stay exact, for programs. */
function inertNotice(notice: Notice): Notice {
  const { finding, target, asks, detail } = notice;
  return {
    ...notice,
    finding: finding && {
      provider: inert(finding.provider, 40),
      id: exactId(finding.id),
      type: inert(finding.type, 160),
      title: inert(finding.title, 200),
      description: inert(finding.description, 600),
    },
    target: target && {
      type: inert(target.type, 80),
      id: exactId(target.id),
      name: inert(target.name, 160),
      account: inert(target.account, 80),
      region: inert(target.region, 40),
    },
    detail: inert(detail, 600),
    asks: asks && { ...asks, cautions: asks.cautions.map((caution) => inert(caution)) },
  };
}

/** A notice for programs: the text that people read, and the members it is made of. */
export function noticeEvent(notice: Notice, stage: string): NoticeEvent {
  const { id, kind, run, at } = notice;
  return {
    specversion: '1.0',
    id,
    source: `/cordon/${encodeURIComponent(stage)}`,
    type: `cordon.notice.${kind}`,
    ...(run !== null && { subject: run }),
    time: at,
    datacontenttype: 'application/json',
    data: { headline: noticeParts(notice).headline, text: noticeText(notice), notice: inertNotice(notice) },
  };
}
