import { expect } from "chai";
import { ROUTES } from "../../../explorer/api/routes.ts";
import { askPath, ROUTE_PATHS } from "../../../explorer/page/src/answers/routePaths.ts";
import { parseArgument } from "../../../explorer/page/src/pages/contract/parseArgument.ts";
import { placeOf } from "../../../explorer/page/src/router/place.ts";
import { addressOf, hashOf } from "./support/samples/parts.ts";

const ADDRESS = addressOf("meter");
const HASH = hashOf("transaction");

describe("paths of the explorer's page", () => {
  it("asks the paths of the table of routes", () => {
    expect(ROUTE_PATHS).to.deep.equal(
      Object.fromEntries(Object.entries(ROUTES).map(([name, { path }]) => [name, path])),
    );
  });

  it("fills parameters, escapes them and leaves out empty ones", () => {
    expect(askPath("slot", { zone: 1, slot: 1_945_000 })).to.equal("/api/zones/1/slots/1945000");
    expect(askPath("audit", { id: "a/b?c" })).to.equal("/api/audit/a%2Fb%3Fc");
    expect(askPath("events", {}, { name: "A&B", party: "", slot: undefined, zone: 0 })).to.equal(
      "/api/events?name=A%26B&zone=0",
    );
    expect(() => askPath("meter")).to.throw("address");
  });

  it("knows each page by its path", () => {
    expect(placeOf("/")).to.deep.equal({ page: "overview" });
    expect(placeOf("/slot/1/1945000")).to.deep.equal({ page: "slot", zone: 1, slot: 1_945_000 });
    expect(placeOf(`/meter/${ADDRESS}`)).to.deep.equal({ page: "meter", address: ADDRESS });
    expect(placeOf(`/tx/${HASH.toUpperCase().replace("0X", "0x")}`)).to.deep.equal({ page: "transaction", hash: HASH });
    expect(placeOf("/block/12")).to.deep.equal({ page: "block", block: "12" });
    expect(placeOf(`/block/${HASH}`)).to.deep.equal({ page: "block", block: HASH });
    expect(placeOf("/job/3/")).to.deep.equal({ page: "job", job: 3 });
    expect(placeOf("/reproducible/2")).to.deep.equal({ page: "reproducible", job: 2 });
    expect(placeOf("/certificate/8574985213")).to.deep.equal({ page: "certificate", tokenId: "8574985213" });
  });

  it("knows no page by anything else", () => {
    for (const path of [
      "/slot/1",
      "/slot/a/1",
      "/meter/0x12",
      "/tx/1",
      "/job/-1",
      "/constructor",
      "//",
      "/slot/1/2/3",
    ]) {
      expect(placeOf(path), path).to.deep.equal({ page: "unknown" });
    }
  });

  it("reads what is typed for an argument by its type", () => {
    expect(parseArgument("uint256", " 12345678901234567890 ")).to.equal("12345678901234567890");
    expect(parseArgument("bool", "true")).to.equal(true);
    expect(parseArgument("address[]", `["${ADDRESS}"]`)).to.deep.equal([ADDRESS]);
    expect(parseArgument("tuple", "not JSON")).to.equal("not JSON");
  });
});
