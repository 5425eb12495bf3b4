import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTES } from "../../../explorer/api/routes.ts";
import type { SearchAnswer } from "../../../explorer/api/search.ts";
import { listen } from "../../../explorer/server/listen.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { ask, emptyExplorer } from "../support/emptyExplorer.ts";

const HASH = `0x${"ab".repeat(32)}`;
const ADDRESS = `0x${"cd".repeat(20)}`;
const HOSTILE = `"><script>alert(1)</script>\u0000\r\nset-cookie: a=b`;

async function problemOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get("content-type")).to.match(/^application\/json/);
  return (await answer.json()) as Record<string, unknown>;
}

describe("the explorer's server", () => {
  it("lets a browser load, frame and send nothing but from and to itself", async () => {
    const app = await emptyExplorer();
    for (const path of ["/api/openapi.json", "/api/jobs", "/nothing", `/api/transactions/${HASH}`]) {
      const { headers } = await ask(app, path);
      const rules = (headers.get("content-security-policy") ?? "").split("; ");
      expect(rules, path).to.include.members(["default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"]);
      expect(rules.join(), path).not.to.match(/unsafe|\*|https?:/);
      expect(headers.get("x-content-type-options"), path).to.equal("nosniff");
      expect(headers.get("referrer-policy"), path).to.equal("no-referrer");
      expect(headers.get("access-control-allow-origin"), path).to.equal(null);
    }
  });

  it("answers under the names of this machine alone, so that no page elsewhere can pass itself off as it", async () => {
    const app = await emptyExplorer();
    for (const host of ["127.0.0.1:5100", "localhost:5100", "[::1]:5100", "127.0.0.1"]) {
      expect((await ask(app, "/api/jobs", { headers: { host } })).status, host).to.equal(200);
    }
    for (const host of ["evil.example:5100", "127.0.0.1.evil.example", "localhost@evil.example", "", "127.0.0.1/x"]) {
      const answer = await ask(app, "/api/jobs", { headers: { host } });
      expect(answer.status, host).to.equal(400);
      expect((await problemOf(answer)).code, host).to.equal("HOST_REFUSED");
    }
  });

  it("starts no audit for another site's page", async () => {
    const app = await emptyExplorer();
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1.evil.example"]) {
      const answer = await ask(app, "/api/audit", { method: "POST", headers: { origin } });
      expect((await problemOf(answer)).code, origin).to.equal("ORIGIN_REFUSED");
    }
  });

  it("lets pages of this machine read what standard explorers ask for, and no other page", async () => {
    const app = await emptyExplorer();
    const preflight = (origin: string): Promise<Response> =>
      ask(app, "/rpc", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const own = "http://localhost:5173";
    expect((await preflight(own)).headers.get("access-control-allow-origin")).to.equal(own);
    const foreign = await preflight("https://evil.example");
    expect(foreign.headers.get("access-control-allow-origin")).to.equal(null);
  });

  it("says what is wrong with a question, and never how it failed inside", async () => {
    const app = await emptyExplorer();
    const wrong: Readonly<Record<string, string>> = {
      "/api/meters/0x12": "PARAMETER_INVALID",
      "/api/zones/1/slots/-1": "PARAMETER_INVALID",
      "/api/zones/1.5/slots/2": "PARAMETER_INVALID",
      [`/api/blocks/${"9".repeat(16)}`]: "PARAMETER_INVALID",
      "/api/events?limit=501": "PARAMETER_INVALID",
      "/api/events?limit=0": "PARAMETER_INVALID",
      "/api/events?cursor=x": "CURSOR_INVALID",
      "/api/events?cursor=1-2%20OR%201=1": "CURSOR_INVALID",
      "/api/events?slot=3": "ZONE_MISSING",
      "/api/search": "PARAMETER_INVALID",
      [`/api/search?q=${"a".repeat(101)}`]: "PARAMETER_INVALID",
    };
    for (const [path, code] of Object.entries(wrong)) {
      const answer = await ask(app, path);
      expect(answer.status, path).to.equal(400);
      const told = await problemOf(answer);
      expect(told.code, path).to.equal(code);
      expect(told, path).to.have.all.keys("code", "message", "what", "values", "hint");
      expect(JSON.stringify(told), path).not.to.match(/node_modules|\bat \w+ \(|\/work\//);
    }
  });

  it("knows nothing of what the chain does not have", async () => {
    const app = await emptyExplorer();
    const paths = [
      "/api/blocks/1",
      `/api/blocks/${HASH}`,
      `/api/transactions/${HASH}`,
      `/api/meters/${ADDRESS}`,
      "/api/jobs/1",
      "/api/zones/1/slots/2",
      "/api/certificates/1",
      "/api/nothing",
      "/assets/nothing.js",
      "/nothing.map",
    ];
    for (const path of paths) expect((await ask(app, path)).status, path).to.equal(404);
  });

  it("keeps hostile text data: in an answer it is a JSON string, in a header it is not at all", async () => {
    const app = await emptyExplorer({
      queries: {
        search: (_, { q }) => Promise.resolve({ hits: [{ kind: "contract", title: q, page: "/" }] }),
      },
    });
    const answer = await ask(app, `/api/search?q=${encodeURIComponent(HOSTILE)}`);
    expect(answer.headers.get("content-type")).to.match(/^application\/json/);
    expect(answer.headers.get("set-cookie")).to.equal(null);
    expect(((await answer.json()) as SearchAnswer).hits[0]?.title).to.equal(HOSTILE);
    const refused = await ask(app, `/api/meters/${encodeURIComponent(HOSTILE)}`);
    expect(refused.status).to.equal(400);
    expect(refused.headers.get("content-type")).to.match(/^application\/json/);
  });

  it("says that the node is away, and tells nobody of a failure that it foresaw", async () => {
    const failures: unknown[] = [];
    const app = await emptyExplorer({ onFailure: (error) => failures.push(error) });
    const answer = await ask(app, "/api/overview");
    expect(answer.status).to.equal(503);
    expect((await problemOf(answer)).code).to.equal("RPC_UNREACHABLE");
    expect(failures).to.deep.equal([]);
  });

  it("says that the index's database is away as it says it of the node", async () => {
    const away = new JouleworkError({
      code: "INDEX_UNREACHABLE",
      what: "The database of the index does not answer",
      hint: "Start it.",
    });
    const app = await emptyExplorer({ queries: { jobs: () => Promise.reject(away) } });
    const answer = await ask(app, "/api/jobs");
    expect(answer.status).to.equal(503);
    expect((await problemOf(answer)).code).to.equal("INDEX_UNREACHABLE");
  });

  it("hides what it did not foresee from whoever asks, and reports it where it runs", async () => {
    const failures: unknown[] = [];
    const secret = new Error("password at /home/me/x.ts:3");
    const app = await emptyExplorer({
      queries: { jobs: () => Promise.reject(secret) },
      onFailure: (error) => failures.push(error),
    });
    const answer = await ask(app, "/api/jobs");
    expect(answer.status).to.equal(500);
    expect(JSON.stringify(await problemOf(answer))).not.to.match(/password|home/);
    expect(failures).to.deep.equal([secret]);
  });

  it("refuses a question while as many as it can take are being answered, and takes the next one afterwards", async () => {
    const waiting: (() => void)[] = [];
    const limits = { concurrent: 2, answerMs: 10_000, bodyBytes: 1_000 };
    const app = await emptyExplorer({
      limits,
      queries: { jobs: () => new Promise((resolve) => waiting.push(() => resolve({ jobs: [] }))) },
    });
    const running = [ask(app, "/api/jobs"), ask(app, "/api/jobs")];
    await new Promise((resolve) => setImmediate(resolve));
    const refused = await ask(app, "/api/jobs");
    expect(refused.status).to.equal(429);
    expect(refused.headers.get("retry-after")).to.equal("1");
    for (const answer of waiting) answer();
    expect((await Promise.all(running)).map(({ status }) => status)).to.deep.equal([200, 200]);
    const next = ask(app, "/api/jobs");
    await new Promise((resolve) => setImmediate(resolve));
    waiting.at(-1)?.();
    expect((await next).status).to.equal(200);
  });

  it("gives up on an answer that takes too long, but counts it until its work has ended", async () => {
    let end = (): void => undefined;
    const limits = { concurrent: 1, answerMs: 20, bodyBytes: 1_000 };
    const app = await emptyExplorer({
      limits,
      queries: {
        jobs: () =>
          new Promise((resolve) => {
            end = () => resolve({ jobs: [] });
          }),
      },
    });
    const late = await ask(app, "/api/jobs");
    expect(late.status).to.equal(503);
    expect((await problemOf(late)).code).to.equal("ANSWER_TOO_SLOW");
    expect((await ask(app, "/api/search?q=x")).status).to.equal(429);
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await ask(app, "/api/search?q=x")).status).to.equal(200);
  });

  it("takes no large body", async () => {
    const app = await emptyExplorer({ limits: { concurrent: 4, answerMs: 1_000, bodyBytes: 100 } });
    const answer = await ask(app, "/api/audit", { method: "POST", body: "x".repeat(101) });
    expect(answer.status).to.equal(413);
  });

  it("takes the next port where another one serves already, unless it was told which", async () => {
    const app = await emptyExplorer();
    const [first, second] = [await listen(app), await listen(app)];
    try {
      expect(second.port).to.be.greaterThan(first.port);
      expect((await fetch(`http://127.0.0.1:${String(second.port)}/api/jobs`)).status).to.equal(200);
      const refused: unknown = await listen(app, first.port).catch((error: unknown) => error);
      expect(refused).to.have.property("code", "PORT_IN_USE");
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  it("describes every route of its table, with its parameters and answers", async () => {
    const app = await emptyExplorer();
    const document = (await (await ask(app, "/api/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>;
    };
    expect(document.openapi).to.match(/^3\.1\./);
    for (const [name, { path, method, params, query }] of Object.entries(ROUTES)) {
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect(operation?.operationId).to.equal(name);
      const names = (place: string) => operation?.parameters.filter((one) => one.in === place).map((one) => one.name);
      expect(names("path"), path).to.deep.equal([...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter));
      expect(names("path"), path).to.deep.equal(Object.keys(params.shape));
      expect(names("query"), path).to.deep.equal(Object.keys(query.shape));
    }
  });
});

describe("the files of the explorer's page", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "joulework-page-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "<!doctype html><title>x</title>");
    await writeFile(join(folder, "assets", "main-1a2b.js"), "export {};");
    await writeFile(join(folder, ".sources"), "not for browsers");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("are served as what they are, and the document at every page's path", async () => {
    const app = await emptyExplorer({ page: folder });
    const script = await ask(app, "/assets/main-1a2b.js");
    expect(script.headers.get("content-type")).to.match(/^text\/javascript/);
    expect(script.headers.get("cache-control")).to.match(/immutable/);
    expect(await script.text()).to.equal("export {};");
    for (const path of ["/", "/slot/1/1944960", `/tx/${HASH}`, "/api", "/audit"]) {
      const answer = await ask(app, path);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers.get("content-type"), path).to.match(/^text\/html/);
      expect(answer.headers.get("content-security-policy"), path).to.match(/default-src 'none'/);
    }
  });

  it("are those of the folder and no others", async () => {
    const app = await emptyExplorer({ page: folder });
    const paths = [
      "/assets/main-0000.js",
      "/.sources",
      "/assets/../.sources",
      "/assets/%2e%2e/%2e%2e/package.json",
      "/..%2f..%2fpackage.json",
      "/package.json",
      "/api/nothing",
    ];
    for (const path of paths) expect((await ask(app, path)).status, path).to.equal(404);
  });
});
