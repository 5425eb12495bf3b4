import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import type { Forecasts } from "../../src/forecasts/index.ts";
import type { JsonServer } from "../../src/journal/serveJson.ts";
import { serveMatcher } from "../../src/market/service/serveMatcher.ts";
import type { Matcher } from "../../src/market/service/openMatcher.ts";
import { serveGateway } from "../../src/meters/gateway/serveGateway.ts";
import type { Gateway } from "../../src/meters/gateway/openGateway.ts";

const READING = { zone: 1, slot: 1_944_960, importWh: 100, exportWh: 0, signature: `0x${"ab".repeat(64)}` };
const ORDER = { zone: 1, slot: 1_944_960, side: "bid", energyWh: 5, limitPrice: 9, signature: `0x${"ab".repeat(64)}` };

describe("the services over HTTP", () => {
  let server: JsonServer;
  let failure: Error | undefined;
  const taken: unknown[] = [];

  const submit = (body: unknown): Promise<never> => {
    if (failure !== undefined) return Promise.reject(failure);
    taken.push(body);
    return Promise.resolve({ state: "waiting" } as never);
  };
  const gateway: Gateway = {
    submit,
    submitAll: () => Promise.reject(new Error("not over HTTP")),
    step: () => Promise.reject(new Error("not over HTTP")),
    status: () => undefined,
    health: () => ({ waiting: 1, sending: 0, mined: 0, settled: 2, refused: 0, chainTime: 7, blockNumber: 3 }),
    close: () => undefined,
  };

  beforeEach(async () => {
    failure = undefined;
    taken.length = 0;
    server = await serveGateway({ gateway, port: 0 });
  });

  afterEach(() => server.close());

  async function post(path: string, body: string, contentType = "application/json"): Promise<[number, string]> {
    const response = await fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
    });
    return [response.status, ((await response.json()) as { code?: string }).code ?? ""];
  }

  it("acknowledges a reading with 202", async () => {
    expect(await post("/readings", JSON.stringify(READING))).to.deep.equal([202, ""]);
    expect(taken).to.deep.equal([READING]);
  });

  for (const [what, body] of [
    ["a register that is no whole number", { ...READING, importWh: 1.5 }],
    ["a negative register", { ...READING, exportWh: -1 }],
    ["a register beyond 40 bits", { ...READING, importWh: 2 ** 40 }],
    ["a number as text", { ...READING, slot: "1944960" }],
    ["a signature of 65 bytes", { ...READING, signature: `0x${"ab".repeat(65)}` }],
    ["a field too many", { ...READING, meter: "0x00" }],
    ["a list", [READING]],
    ["nothing", null],
  ] as const) {
    it(`refuses ${what} before anything else looks at it`, async () => {
      expect(await post("/readings", JSON.stringify(body))).to.deep.equal([400, "INPUT_INVALID"]);
      expect(taken).to.deep.equal([]);
    });
  }

  it("refuses what is not JSON, what says that it is something else, and what is too long", async () => {
    expect(await post("/readings", "{")).to.deep.equal([400, "INPUT_INVALID"]);
    expect(await post("/readings", JSON.stringify(READING), "text/plain")).to.deep.equal([400, "INPUT_INVALID"]);
    expect(await post("/readings", `"${"x".repeat(70_000)}"`)).to.deep.equal([400, "INPUT_INVALID"]);
    expect(taken).to.deep.equal([]);
  });

  it("asks to come back later when the disk is full, and says no for good to an equivocation", async () => {
    const refuse = (code: string): JouleworkError => new JouleworkError({ code, what: "No", hint: "Wait." });
    failure = refuse("JOURNAL_FULL");
    const response = await fetch(`${server.url}/readings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(READING),
    });
    expect([response.status, response.headers.get("retry-after")]).to.deep.equal([503, "5"]);
    failure = refuse("READING_EQUIVOCATES");
    expect(await post("/readings", JSON.stringify(READING))).to.deep.equal([409, "READING_EQUIVOCATES"]);
  });

  it("tells the client nothing about a defect but that there is one", async () => {
    failure = new Error("secret detail");
    const response = await fetch(`${server.url}/readings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(READING),
    });
    expect(response.status).to.equal(500);
    expect(await response.text()).not.to.include("secret");
  });

  it("shows its health, and 404 for what it does not have", async () => {
    const health = await fetch(`${server.url}/health`);
    expect(await health.json()).to.include({ ok: true, waiting: 1, settled: 2, chainTime: 7 });
    const unknown = await fetch(`${server.url}/readings/0x${"00".repeat(20)}/1944960`);
    expect(unknown.status).to.equal(404);
    expect((await fetch(`${server.url}/readings/0x00/1944960`)).status).to.equal(400);
    expect((await fetch(`${server.url}/elsewhere`)).status).to.equal(404);
  });

  it("listens on the loopback address alone", async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) {
      const reached = await new Promise<boolean>((resolve) => {
        const probe = request({ host: address, port: server.port, path: "/health", timeout: 1_000 }, () =>
          resolve(true),
        );
        probe.once("error", () => resolve(false));
        probe.once("timeout", () => probe.destroy());
        probe.end();
      });
      expect(reached, address).to.equal(false);
    }
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("checks an order's fields and gives 201 with its receipt", async () => {
    await server.close();
    const matcher: Matcher = {
      submit,
      submitAll: () => Promise.reject(new Error("not over HTTP")),
      step: () => Promise.reject(new Error("not over HTTP")),
      order: () => undefined,
      book: () => undefined,
      health: () => ({
        matcher: "0x",
        chainTime: 7,
        orders: 0,
        books: { frozen: 0, cleared: 0, final: 0, missed: 0, foreign: 0 },
      }),
      close: () => undefined,
    };
    const asked: number[] = [];
    const forecasts: Forecasts = {
      zone: (zone) => {
        asked.push(zone);
        if (zone !== 1)
          return Promise.reject(new JouleworkError({ code: "ZONE_NOT_SERVED", what: "No", hint: "Ask." }));
        return Promise.resolve({ zone, series: [] });
      },
    };
    server = await serveMatcher({ matcher, port: 0, forecasts });
    expect(await post("/orders", JSON.stringify(ORDER))).to.deep.equal([201, ""]);
    for (const wrong of [{ side: "sell" }, { energyWh: 0 }, { limitPrice: 2 ** 24 }, { zone: 0 }, { meter: "0x12" }]) {
      expect(await post("/orders", JSON.stringify({ ...ORDER, ...wrong }))).to.deep.equal([400, "INPUT_INVALID"]);
    }
    expect((await fetch(`${server.url}/books/1/1944960`)).status).to.equal(404);
    expect((await fetch(`${server.url}/books/x/1944960`)).status).to.equal(400);
    expect(await (await fetch(`${server.url}/forecasts/1`)).json()).to.deep.equal({ zone: 1, series: [] });
    expect((await fetch(`${server.url}/forecasts/2`)).status).to.equal(422);
    expect((await fetch(`${server.url}/forecasts/0`)).status).to.equal(400);
    expect((await fetch(`${server.url}/forecasts/4096`)).status).to.equal(400);
    expect(asked, "what is no zone is asked of nobody").to.deep.equal([1, 2]);
  });
});
