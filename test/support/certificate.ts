import { generateKeyPairSync, sign } from 'node:crypto';

/** One element in DER (ITU-T X.690): its tag, its length, its content. */
function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from([body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => element(0x30, ...content);
const hex = (tag: number, bytes: string): Buffer => element(tag, Buffer.from(bytes, 'hex'));
const ecdsaWithSha256 = sequence(hex(0x06, '2a8648ce3d040302'));

/** A certificate that one host name has signed for itself (RFC 5280), for a server on the loopback. */
export function certificateFor(host: string): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(element(0x31, sequence(hex(0x06, '550403'), element(0x0c, Buffer.from(host)))));
  const instant = (text: string) => element(0x18, Buffer.from(text));
  const alternative = sequence(hex(0x06, '551d11'), element(0x04, sequence(element(0x82, Buffer.from(host)))));
  const authority = sequence(hex(0x06, '551d13'), hex(0x01, 'ff'), element(0x04, sequence(hex(0x01, 'ff'))));
  const body = sequence(
    element(0xa0, hex(0x02, '02')),
    hex(0x02, '01'),
    ecdsaWithSha256,
    name,
    sequence(instant('20200101000000Z'), instant('20990101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(alternative, authority)),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = sequence(body, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
