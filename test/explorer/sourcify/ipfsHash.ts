import { createHash } from "node:crypto";

/**
 * The multihash under which IPFS stores a small file, hex: SHA-256 of a DAG-PB node around a UnixFS file, both of which are
 * protocol buffers (https://github.com/ipfs/specs/blob/main/UNIXFS.md, https://ipld.io/specs/codecs/dag-pb/spec/). It is what
 * the compiler writes into the code as the hash of the metadata.
 */
export function ipfsHash(content: string): string {
  const data = Buffer.from(content);
  if (data.length > 262_144) throw new Error("IPFS would cut a file of this size into parts");
  const size = varint(data.length);
  // UnixFS: field 1 type = 2 (file), field 2 the data, field 3 its size. DAG-PB: field 1 the data.
  const file = Buffer.concat([Buffer.from([0x08, 0x02, 0x12]), size, data, Buffer.from([0x18]), size]);
  const node = Buffer.concat([Buffer.from([0x0a]), varint(file.length), file]);
  return `1220${createHash("sha256").update(node).digest("hex")}`;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
