import * as z from 'zod';
import { oneLine } from './inert.ts';

/** Where Slack takes an answer to one press of a button (docs.slack.dev, "Handling user interaction"). */
const address = /^https:\/\/hooks\.slack(-gov)?\.com\/actions\/[\w/-]{1,200}$/;

const Pressed = z.object({ response_url: z.string().regex(address) });

/** Where to tell whoever pressed a button what came of it, out of a body whose signature has been proven. */
export function replyAddress(body: string): string | undefined {
  try {
    return Pressed.safeParse(JSON.parse(new URLSearchParams(body).get('payload') ?? '')).data?.response_url;
  } catch {
    return undefined; // no JSON has no address
  }
}

/** A text that only whoever pressed sees, and that leaves the message as it is. */
export const ephemeral = (text: string) => ({
  response_type: 'ephemeral' as const,
  replace_original: false,
  text: oneLine(text, 600).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
});
