/**
 * The public part of a private key file, without its passphrase: OpenSSH's own format has it in clear in front of what is
 * encrypted (PROTOCOL.key in OpenSSH's sources).
 */

const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/;
const magic = "openssh-key-v1\0";

/** @returns the public key in ssh's binary form; undefined when the text is in another format, or damaged */
export function publicPartOf(text: string): Buffer | undefined {
  const [, base64] = armour.exec(text) ?? [];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("latin1", 0, magic.length) !== magic) return undefined;
  let at: number | undefined = magic.length;
  for (let field = 0; field < 3 && at !== undefined; field++) at = endOfString(bytes, at); // cipher, kdf, kdf options
  if (at === undefined || at + 4 > bytes.length) return undefined;
  const end = endOfString(bytes, at + 4); // after the number of keys, which is always 1
  return end === undefined ? undefined : bytes.subarray(at + 8, end);
}

/** Where a string ends that begins at `at` with its length; undefined beyond the end. */
function endOfString(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? undefined : end;
}
