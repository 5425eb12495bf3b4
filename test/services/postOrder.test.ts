import { expect } from "chai";
import { serveJson, type JsonAnswer } from "../../src/journal/serveJson.ts";
import { postOrder } from "../../src/market/service/postOrder.ts";
import { signDelegatedOrder, signOrder, signReceipt } from "../../src/market/sign.ts";
import { JouleworkError } from "../../src/errors.ts";
import { DOMAIN, keyOf } from "../market/helpers.ts";

const MATCHER = keyOf(1);
const OTHER = keyOf(2);
const DEVICE = keyOf(3);
const TERMS = { zone: 1, slot: 1_944_961, side: "bid", energyWh: 800, limitPrice: 300_000 } as const;
const ORDER = signOrder(DOMAIN, DEVICE, TERMS);

/** Posts an order to a matcher that gives this answer; returns what arrived there, and the receipt or the refusal. */
async function post(answer: JsonAnswer | Error, order = ORDER) {
  const bodies: unknown[] = [];
  const server = await serveJson({
    port: 0,
    routes: [
      {
        method: "POST",
        path: "/orders",
        answer: ({ body }) => {
          bodies.push(body);
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    ],
  });
  try {
    const receipt = await postOrder({ url: `${server.url}/`, domain: DOMAIN, order, matcher: MATCHER.address });
    return { bodies, receipt, refusal: undefined };
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    return { bodies, receipt: undefined, refusal: error };
  } finally {
    await server.close();
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof JouleworkError ? error.code : String(error);
  }
  return "none";
}

describe("posting an order to a matcher", () => {
  const receipt = signReceipt(DOMAIN, MATCHER, ORDER);

  it("sends what the matcher's address takes, and believes a receipt of the slot's matcher", async () => {
    const posted = await post({ status: 201, body: receipt });
    expect(posted.receipt).to.deep.equal(receipt);
    expect(posted.bodies).to.deep.equal([{ ...TERMS, signature: ORDER.signature }]);
  });

  it("names the meter where its delegate signed", async () => {
    const order = signDelegatedOrder(DOMAIN, OTHER, DEVICE.address, TERMS);
    const posted = await post({ status: 201, body: signReceipt(DOMAIN, MATCHER, order) }, order);
    expect(posted.bodies).to.deep.equal([{ ...TERMS, signature: order.signature, meter: DEVICE.address }]);
    expect(posted.receipt?.orderHash).to.equal(order.hash);
  });

  for (const [what, body] of [
    ["somebody else's receipt", signReceipt(DOMAIN, OTHER, ORDER)],
    [
      "somebody else's signature in the matcher's name",
      { ...signReceipt(DOMAIN, OTHER, ORDER), matcher: MATCHER.address },
    ],
    ["a receipt of another order", signReceipt(DOMAIN, MATCHER, signOrder(DOMAIN, OTHER, TERMS))],
    ["a receipt of another slot", { ...receipt, slot: TERMS.slot + 1 }],
    ["a signature that is none", { ...receipt, signature: "0x00" }],
    ["no receipt", {}],
  ] as const) {
    it(`does not believe ${what}`, async () => {
      expect((await post({ status: 201, body })).refusal?.code).to.equal("RECEIPT_INVALID");
    });
  }

  it("tells the matcher's reason, and whether to come again", async () => {
    const final = await post({ status: 422, body: { code: "GATE_CLOSED", message: "too late" } });
    expect(final.refusal).to.include({ code: "MATCHER_REFUSED" });
    expect(final.refusal?.values).to.deep.equal({ status: 422, reason: "GATE_CLOSED", message: "too late" });
    expect(final.refusal?.hint).to.include("place it on chain");
    const passing = await post({ status: 503, body: { code: "JOURNAL_FULL", message: "full" } });
    expect(passing.refusal?.hint).to.equal("Send the same order again later.");
    expect((await post(new Error("broken"))).refusal?.values.status).to.equal(500);
  });

  it("refuses what is no address, and says where nobody answers", async () => {
    const to = (url: string) => postOrder({ url, domain: DOMAIN, order: ORDER, matcher: MATCHER.address });
    expect(await codeOf(to("ftp://127.0.0.1"))).to.equal("MATCHER_URL_INVALID");
    expect(await codeOf(to("matcher"))).to.equal("MATCHER_URL_INVALID");
    const server = await serveJson({ port: 0, routes: [] });
    await server.close();
    expect(await codeOf(to(server.url))).to.equal("MATCHER_UNREACHABLE");
  });
});
