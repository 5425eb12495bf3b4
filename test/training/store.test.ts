import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { directoryStore } from "../../src/training/store/directoryStore.ts";
import { httpStore } from "../../src/training/store/httpStore.ts";
import { codeOf } from "./support/codes.ts";

// SHA-256 of "abc", from FIPS 180-2, appendix B.1.
const ABC = new TextEncoder().encode("abc");
const ABC_HASH = "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const UNKNOWN = `0x${"12".repeat(32)}`;

describe("the store in a directory", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "joulework-store-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const files = async () =>
    (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  const fileOf = (hash: string) => join(directory, hash.slice(2, 4), hash.slice(2));

  it("gives back what was put, under the hash of its content", async () => {
    const store = directoryStore({ directory: join(directory, "made") });
    expect(await store.has(ABC_HASH)).to.equal(false);
    expect(await store.put(ABC)).to.equal(ABC_HASH);
    expect(await store.put(ABC)).to.equal(ABC_HASH);
    expect(await store.has(ABC_HASH)).to.equal(true);
    expect(await store.get(ABC_HASH)).to.deep.equal(ABC);
    expect(await files()).to.deep.equal([ABC_HASH.slice(2)]);
  });

  it("refuses what it does not have, and names that are no hash, before it looks for a file", async () => {
    const store = directoryStore({ directory });
    expect(await codeOf(() => store.get(UNKNOWN))).to.equal("STORE_MISSING");
    for (const name of ["../../etc/passwd", ABC_HASH.toUpperCase(), ABC_HASH.slice(2), `${ABC_HASH}00`]) {
      expect(await codeOf(() => store.get(name))).to.equal("STORE_HASH_INVALID");
      expect(await codeOf(() => store.has(name))).to.equal("STORE_HASH_INVALID");
    }
  });

  it("notices a damaged entry, and mends it when the bytes are put again", async () => {
    const store = directoryStore({ directory });
    await store.put(ABC);
    await writeFile(fileOf(ABC_HASH), "abd");
    expect(await codeOf(() => store.get(ABC_HASH))).to.equal("STORE_DAMAGED");
    await store.put(ABC);
    expect(await readFile(fileOf(ABC_HASH), "utf8")).to.equal("abc");
  });

  it("takes entries up to its limit, and reads none above it", async () => {
    const store = directoryStore({ directory, maxBytes: 3 });
    await store.put(ABC);
    expect(await codeOf(() => store.put(new Uint8Array(4)))).to.equal("STORE_TOO_LARGE");
    const hash = await directoryStore({ directory }).put(new Uint8Array(4));
    expect(await codeOf(() => store.get(hash))).to.equal("STORE_TOO_LARGE");
  });

  it("keeps nothing when the disk becomes full in the middle", async () => {
    const writeDurably = async (path: string, bytes: Uint8Array) => {
      await writeFile(path, bytes.subarray(0, 1));
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    const full = directoryStore({ directory, writeDurably });
    expect(await codeOf(() => full.put(ABC))).to.equal("STORE_FULL");
    expect(await files()).to.deep.equal([]);
    expect(await full.has(ABC_HASH)).to.equal(false);
  });

  it("says when it cannot be written at all", async () => {
    await writeFile(join(directory, "file"), "");
    expect(await codeOf(() => directoryStore({ directory: join(directory, "file") }).put(ABC))).to.equal(
      "STORE_UNWRITABLE",
    );
  });
});

describe("the store behind HTTP", () => {
  type Behaviour = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
  let server: Server;
  let url: string;
  let behave: Behaviour;
  let requests: string[];

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
        behave(request, response, Buffer.concat(chunks));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/updates`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    requests = [];
  });
  const open = (more: { token?: string; maxBytes?: number; timeoutMs?: number } = {}) =>
    httpStore({ url, attempts: 3, backoffMs: 5, timeoutMs: 2_000, ...more });
  const answer =
    (status: number, body: string | Uint8Array = ""): Behaviour =>
    (_, response) => {
      response.writeHead(status).end(body);
    };

  it("puts, finds and gets by the hash's path, with the token", async () => {
    const kept = new Map<string, Buffer>();
    behave = ({ method, url: path = "", headers }, response, body) => {
      if (headers.authorization !== "Bearer s3cret") response.writeHead(401).end();
      else if (method === "PUT") {
        kept.set(path, body);
        response.writeHead(201).end();
      } else response.writeHead(kept.has(path) ? 200 : 404).end(kept.get(path));
    };
    const store = open({ token: "s3cret" });
    expect(await store.has(ABC_HASH)).to.equal(false);
    expect(await store.put(ABC)).to.equal(ABC_HASH);
    expect(await store.has(ABC_HASH)).to.equal(true);
    expect(await store.get(ABC_HASH)).to.deep.equal(ABC);
    expect([...kept.keys()]).to.deep.equal([`/updates/${ABC_HASH.slice(2)}`]);
    expect(await codeOf(() => store.get(UNKNOWN))).to.equal("STORE_MISSING");
    expect(await codeOf(() => open({ token: "wrong" }).put(ABC))).to.equal("STORE_REFUSED");
  });

  it("takes the token from the environment", async () => {
    const before = process.env.JOULEWORK_STORE_TOKEN;
    process.env.JOULEWORK_STORE_TOKEN = "from-outside";
    let seen: string | undefined;
    behave = ({ headers }, response) => {
      seen = headers.authorization;
      response.writeHead(200).end();
    };
    try {
      await open().has(ABC_HASH);
    } finally {
      if (before === undefined) delete process.env.JOULEWORK_STORE_TOKEN;
      else process.env.JOULEWORK_STORE_TOKEN = before;
    }
    expect(seen).to.equal("Bearer from-outside");
  });

  it("refuses wrong bytes", async () => {
    behave = answer(200, "abd");
    expect(await codeOf(() => open().get(ABC_HASH))).to.equal("STORE_DAMAGED");
  });

  it("stops reading an answer that is too long, and does not ask for it again", async () => {
    let sent = 0;
    behave = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (sent < 1e9 && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    };
    expect(await codeOf(() => open({ maxBytes: 100_000 }).get(ABC_HASH))).to.equal("STORE_TOO_LARGE");
    expect(requests).to.have.length(1);
    expect(sent).to.be.below(1e9);
  });

  it("gives up on a server that does not answer, or not to the end, in time", async () => {
    behave = () => undefined;
    expect(await codeOf(() => open({ timeoutMs: 50 }).get(ABC_HASH))).to.equal("STORE_UNREACHABLE");
    behave = (_, response) => {
      response.writeHead(200).write("ab");
    };
    expect(await codeOf(() => open({ timeoutMs: 50 }).get(ABC_HASH))).to.equal("STORE_UNREACHABLE");
    expect(requests).to.have.length(6);
  });

  it("tries again after 500 and 429, and takes the answer that comes then", async () => {
    const statuses = [500, 429, 200];
    behave = (_, response) => {
      response.writeHead(statuses.shift() ?? 500).end("abc");
    };
    expect(await open().get(ABC_HASH)).to.deep.equal(ABC);
    expect(requests).to.have.length(3);
    expect(await codeOf(() => open().put(ABC))).to.equal("STORE_UNREACHABLE");
    expect(requests).to.have.length(6);
  });

  it("does not follow a server elsewhere, and does not repeat what is refused", async () => {
    behave = (_, response) => {
      response.writeHead(302, { location: "/elsewhere" }).end();
    };
    expect(await codeOf(() => open({ token: "s3cret" }).get(ABC_HASH))).to.equal("STORE_UNREACHABLE");
    expect(requests.some((line) => line.includes("elsewhere"))).to.equal(false);
    requests = [];
    behave = answer(403);
    expect(await codeOf(() => open().put(ABC))).to.equal("STORE_REFUSED");
    expect(requests).to.have.length(1);
  });

  it("is opened for plain addresses only", async () => {
    for (const bad of ["ftp://host/x", "nonsense", "http://me:pw@host/", "http://host/?a=b", "http://host/#a"]) {
      expect(await codeOf(() => httpStore({ url: bad }))).to.equal("STORE_URL_INVALID");
    }
  });
});
