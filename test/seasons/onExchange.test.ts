import { expect } from "chai";
import hre from "hardhat";
import { readTransactions } from "../../src/audit/readTransactions.ts";
import { finalChecks } from "../../src/audit/finalChecks.ts";
import { readBack } from "../../src/audit/readBack.ts";
import { rebuild } from "../../src/audit/rebuild.ts";
import type { AuditTransaction } from "../../src/audit/types.ts";
import { readSettledReadings } from "../../src/game/settledReadings.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { deploymentOf } from "../audit/smallRun.ts";
import { hardhatRpc } from "../audit/hardhatRpc.ts";
import { EVENT_SLOT, playRealSeason, SEASON, type RealSeason } from "./realSeason.ts";

type Args = Record<string, unknown>;

interface Played extends RealSeason {
  readonly rpc: RpcClient;
  readonly newest: number;
  readonly contracts: Readonly<
    Record<"exchange" | "credit" | "desk" | "reputation" | "seasons" | "badges" | "inspections", string>
  >;
  readonly history: readonly AuditTransaction[];
}

/** Who may act for an owner moves nothing by itself; the authority is the access manager's. */
const MOVES_NOTHING = new Set(["AgentSet", "AuthorityUpdated"]);

async function play(): Promise<Played> {
  const connection = await hre.network.create();
  const season = await playRealSeason(connection);
  const rpc = hardhatRpc(connection);
  const newest = await connection.ethers.provider.getBlockNumber();
  const { contracts: at } = await deploymentOf(season.market);
  const contracts = {
    exchange: at.EnergyExchange ?? "",
    credit: at.EnergyCredit ?? "",
    desk: at.CreditDesk ?? "",
    reputation: at.Reputation ?? "",
    seasons: at.Seasons ?? "",
    badges: at.Badges ?? "",
    inspections: at.Inspections ?? "",
  };
  const history: AuditTransaction[] = [];
  for await (const transaction of readTransactions({ rpc, ...contracts, fromBlock: 0, toBlock: newest })) {
    history.push(transaction);
  }
  return { ...season, rpc, newest, contracts, history };
}

async function failures({ market: { domain }, rpc, newest, contracts }: Played, history: readonly AuditTransaction[]) {
  const { state, findings } = await rebuild({ transactions: history, domain, desk: contracts.desk });
  finalChecks(state, findings, domain);
  const found = () => findings.checks().flatMap(({ failures: all }) => all);
  if (found().length > 0) return found();
  await readBack(state, findings, { rpc, domain, ...contracts, block: newest });
  return found();
}

describe("a season on the exchange itself", function () {
  this.timeout(0);
  let played: Played;
  before(async () => {
    played = await play();
  });

  it("takes the scarcity that was published with each slot's price", async () => {
    const { market, home } = played;
    const slot = EVENT_SLOT;
    const scarcity = await market.exchange.scarcityAt(1, slot);
    // Noon is plentiful: the day before, solar gave several times what the home took.
    expect(scarcity < 0n).to.equal(true);
    const proved = await market.seasons.queryFilter(market.seasons.filters.ReadingProved(1, home.site, home.address));
    const event = proved.find(({ args }) => Number(args.slot) === slot);
    expect(event?.args.pointsPpm).to.equal(-scarcity * 100n);
    const totals = await market.seasons.seasonTotals(1);
    expect([totals.sites, totals.points > 0n]).to.deep.equal([2n, true]);
    // Thursday's 100 Wh against a mean of 900.
    expect((await market.seasons.siteTally(1, home.site)).shedWh).to.equal(800n);
  });

  it("finds every settled reading with its proof from events alone, gap readings marked", async () => {
    const { rpc, contracts, newest, proofs, home } = played;
    const readings = await readSettledReadings({ rpc, exchange: contracts.exchange, fromBlock: 0, toBlock: newest });
    for (const [key, proven] of proofs) {
      const [meter = "", slot = ""] = key.split("/");
      expect(readings.prove(meter, Number(slot))).to.deep.equal(proven);
    }
    const gaps = readings.of(home.address).filter(({ gap }) => gap);
    expect(gaps.map(({ slot }) => slot)).to.include(SEASON.startSlot + SEASON.seasonSlots - 1);
    expect(readings.of(home.address).length - gaps.length).to.equal(proofs.size / 2);
    expect(readings.prove(home.address, SEASON.startSlot)).to.equal(undefined);
  });

  it("passes the audit, which recomputes points, pool and payouts", async () => {
    expect(await failures(played, played.history)).to.deep.equal([]);
    const { findings } = await rebuild({
      transactions: played.history,
      domain: played.market.domain,
      desk: played.contracts.desk,
    });
    const figures = findings.checks().find(({ name }) => name === "seasons")?.figures;
    expect([figures?.conclusions, figures?.badges, figures?.shedWh]).to.deep.equal([2, 1, 800]);
    expect(Number(figures?.paidBaseUnits) > 0).to.equal(true);
  });

  it("hides no figure and no event of seasons and badges from the audit", async () => {
    const unnoticed: string[] = [];
    const kinds = new Map<string, { transaction: number; event: number }>();
    played.history.forEach(({ events }, transaction) => {
      events.forEach(({ source, event: { name } }, event) => {
        if ((source === "seasons" || source === "badges") && !MOVES_NOTHING.has(name)) {
          kinds.set(`${source}.${name}`, { transaction, event });
        }
      });
    });
    expect([...kinds.keys()].length).to.be.greaterThan(14);
    for (const [kind, { transaction, event }] of kinds) {
      const without = structuredClone(played.history) as AuditTransaction[];
      (without[transaction]?.events as unknown[]).splice(event, 1);
      if ((await failures(played, without)).length === 0) unnoticed.push(kind);
      const args = (history: readonly AuditTransaction[]) => history[transaction]?.events[event]?.event.args as Args;
      for (const path of figuresOf(args(played.history))) {
        const changed = structuredClone(played.history) as AuditTransaction[];
        bump(args(changed), path);
        if ((await failures(played, changed)).length === 0) unnoticed.push(`${kind}.${path.join(".")}`);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });
});

function figuresOf(args: Args): string[][] {
  return Object.entries(args).flatMap(([key, value]) => {
    if (typeof value === "number" || typeof value === "bigint") return [[key]];
    if (typeof value === "object" && value !== null) return figuresOf(value as Args).map((path) => [key, ...path]);
    return [];
  });
}

function bump(args: Args, [key = "", ...rest]: readonly string[]): void {
  const value = args[key];
  if (rest.length > 0) bump(value as Args, rest);
  else args[key] = typeof value === "bigint" ? value + 1n : (value as number) + 1;
}
