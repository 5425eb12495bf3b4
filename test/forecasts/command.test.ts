import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { parseForecastFlags } from "../../scripts/forecast/options.ts";

describe("the options of npm run forecast", () => {
  it("are those of a backtest or of a zone", () => {
    expect(parseForecastFlags({ profiles: "homes", weather: true, homes: "2" })).to.deep.equal({
      profiles: "homes",
      weather: true,
      homes: 2,
      skip: 0,
    });
    expect(parseForecastFlags({ network: "localhost", zone: "3" })).to.deep.equal({
      network: "localhost",
      deployments: "deployments",
      rpc: "http://127.0.0.1:8545",
      zone: 3,
      horizon: 96,
    });
  });

  for (const [option, flags] of [
    ["profiles", {}],
    ["zone", { network: "localhost" }],
    ["zone", { network: "localhost", zone: "0" }],
    ["horizon", { network: "localhost", zone: "1", horizon: "97" }],
    ["rpc", { network: "localhost", zone: "1", rpc: "here" }],
    ["homes", { profiles: "homes", homes: "none" }],
    ["skip", { profiles: "homes", skip: "-1" }],
    ["", { profiles: "homes", zone: "1" }],
  ] as const) {
    it(`are refused where ${JSON.stringify(flags)} is given`, () => {
      expect(() => parseForecastFlags(flags))
        .to.throw(JouleworkError)
        .that.satisfies(({ code, values }: JouleworkError) => code === "OPTION_INVALID" && values.option === option);
    });
  }
});
