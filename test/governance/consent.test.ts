import { expect } from "chai";
import { encodeBytes32String, Interface, type ParamType } from "ethers";
import hre from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { RESTRICTED, ROLES, type Role } from "../../src/chain/roles.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import { restrictedAbis, restrictedAddresses } from "../support/restricted.ts";
import { DEFAULT_TIER_RULES } from "../../src/game/tiers.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, TERMS, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { networkHelpers, provider } = connection;
const S = FIRST_SLOT;
/** Tries of each function. */
const TRIES = Math.max(40, fuzzRuns(40));

/**
 * What somebody has: a figure that no role may lower without its owner's signature. Debts are counted as negative.
 */
type Holdings = Map<string, bigint>;

interface Running {
  readonly market: TestMarket;
  readonly meters: readonly TestMeter[];
  readonly holders: Readonly<Partial<Record<Role, HardhatEthersSigner>>>;
}

/** A market in which everybody has something to lose: balances, bonds, a claim, a debt, positions, earnings. */
async function running(): Promise<Running> {
  const market = await deployTestMarket(connection);
  const [solar, home, consumer, poor, feeder] = [
    await market.addMeter({ kind: "producer", source: "solar" }),
    await market.addMeter({ kind: "prosumer", owner: account(market, 11) }),
    await market.addMeter({ kind: "consumer", owner: account(market, 12) }),
    await market.addMeter({ kind: "consumer", owner: account(market, 13), balanceTicks: 40_000_000n }),
    await market.addMeter({ kind: "feeder", powerClass: 0x74, balanceTicks: 0n }),
  ];
  const meters = [solar, home, consumer, poor, feeder];
  await market.clear(S + 1, [
    market.order(solar, S + 1, "offer", 400, 120_000),
    market.order(consumer, S + 1, "bid", 300, 280_000),
  ]);
  await market.at(S + 1, 10);
  await market.settleFlows(S, [
    { meter: solar, exportWh: 10 },
    { meter: home, importWh: 20 },
    { meter: consumer, importWh: 30 },
    // Beyond its money: the rest is debt.
    { meter: poor, importWh: 400 },
  ]);
  const owner = market.exchange.connect(home.owner);
  await owner.requestWithdrawal(home.address, 1_000_000n, home.owner.address);
  await owner.placeOrder(S + 5, home.address, 1, 100, 250_000);
  // The supply reaches what backs it, so that an export waits as a claim.
  const desk = market.desk.connect(market.grid);
  await desk.setCreditLine(7n * 10n ** 9n);
  const spare = (await market.desk.backing()) - (await market.credit.totalSupply());
  if (spare > 0n) {
    await desk.withdrawPledge(market.grid.address, (spare * (await market.desk.redeemPrice())) / 10n ** 18n);
  }
  await market.at(S + 2, 10);
  await market.settleFlows(S + 1, [{ meter: home, exportWh: 200 }]);
  await owner.requestUnbond(home.site, 1_000n);
  await desk.setCreditLine(10n ** 24n);
  const [evidence, reputation, seasons, compute] = [8, 9, 14, 15].map((index) => market.signers[index]);
  if (evidence === undefined || reputation === undefined || seasons === undefined || compute === undefined) {
    throw new Error("too few accounts");
  }
  // A provider with stake, which let nobody lock it.
  await market.credit.connect(home.owner).approve(market.providers, 2n ** 256n - 1n);
  await market.fund(home.owner, 1_000_000n);
  await market.providers.connect(home.owner).registerProvider(home.owner, home.address, 1);
  await market.providers.connect(home.owner).postStake(home.owner, 1_000_000n);
  const council = market.handOver.connect(market.governor);
  await council.grantRole(ROLES.EVIDENCE, evidence.address, 0);
  await council.grantRole(ROLES.REPUTATION, reputation.address, 0);
  await council.grantRole(ROLES.SEASONS, seasons.address, 0);
  await council.grantRole(ROLES.COMPUTE, compute.address, 0);
  return {
    market,
    meters,
    holders: {
      GOVERNOR: market.governor,
      REGISTRAR: market.registrar,
      SUSPENDER: market.registrar,
      GRID: market.grid,
      GUARDIAN: market.guardian,
      INSPECTOR: market.inspector,
      EVIDENCE: evidence,
      REPUTATION: reputation,
      SEASONS: seasons,
      COMPUTE: compute,
    },
  };
}

async function load() {
  return networkHelpers.loadFixture(running);
}

async function holdingsOf({ market, meters }: Running): Promise<Holdings> {
  const { exchange, credit, token } = market;
  const held: [string, Promise<bigint>][] = [];
  for (const { address } of meters) {
    held.push([`balance of meter ${address}`, market.word(address).then(({ balanceTicks }) => balanceTicks)]);
    held.push([`claim of meter ${address}`, exchange.meterConfig(address).then(({ claimTicks }) => claimTicks)]);
  }
  for (const site of new Set(meters.map((meter) => meter.site))) {
    const info = exchange.siteInfo(site);
    held.push([`bond of site ${String(site)}`, info.then(({ bondTicks }) => bondTicks)]);
    held.push([`bond of site ${String(site)} on its way`, info.then(({ unbondingTicks }) => unbondingTicks)]);
    held.push([`debt of site ${String(site)}`, info.then(({ debtTicks }) => -debtTicks)]);
  }
  for (const { address } of market.signers) {
    held.push([`credits of ${address}`, credit.balanceOf(address)]);
    held.push([`payment tokens of ${address}`, token.balanceOf(address)]);
    held.push([`free stake of ${address}`, market.providers.freeStake(address)]);
    held.push([`earnings of ${address}`, exchange.earned(address)]);
    held.push([`matcher bond of ${address}`, exchange.matcherBond(address).then(({ ticks }) => ticks)]);
  }
  held.push(["withdrawal 1", exchange.withdrawal(1).then(({ amountTicks }) => amountTicks)]);
  return new Map(await Promise.all(held.map(async ([what, amount]) => [what, await amount] as const)));
}

/** Arguments that come near to what a function takes, or are anything at all. */
class Arguments {
  readonly #choices: Choices;
  readonly #running: Running;

  constructor(choices: Choices, running: Running) {
    this.#choices = choices;
    this.#running = running;
  }

  of(inputs: readonly ParamType[]): unknown[] {
    return inputs.map((input) => this.#value(input));
  }

  #value(input: ParamType): unknown {
    const choices = this.#choices;
    if (input.isTuple()) {
      const values = Object.fromEntries(input.components.map((part) => [part.name, this.#value(part)]));
      if (choices.chance(0.3)) return values;
      if ("levyPrice" in values) return this.#terms();
      if ("capPrice" in values) return { ...LIMITS, toleranceWh: choices.whole(0, 1_000) };
      if ("hysteresisPpm" in values) return { ...DEFAULT_TIER_RULES, tier2Ppm: choices.whole(550_000, 710_000) };
      return values;
    }
    if (input.name === "title" && choices.chance(0.5)) return encodeBytes32String("Sun chaser");
    // Any contract may be named, even one that does not answer.
    if (input.name === "queue" && choices.chance(0.5)) return this.#running.market.exchange.target;
    if (input.isArray()) {
      const { arrayChildren } = input;
      const length = input.arrayLength >= 0 ? input.arrayLength : choices.whole(0, 3);
      return Array.from({ length }, () => this.#value(arrayChildren));
    }
    if (input.baseType === "address") return this.#address();
    if (input.baseType === "bool") return choices.chance(0.5);
    if (input.baseType === "string") return choices.chance(0.5) ? "reason" : "";
    if (input.baseType === "bytes") return choices.chance(0.2) ? "0x" : choices.hex(choices.of([64, 65]));
    if (input.baseType.startsWith("bytes")) return choices.hex(Number(input.baseType.slice(5)));
    return this.#number(input);
  }

  #number({ name, baseType }: ParamType): bigint {
    const choices = this.#choices;
    const bits = Number(/\d+$/.exec(baseType)?.[0] ?? 256);
    if (name === "zone" && choices.chance(0.9)) return BigInt(choices.of([1, 1, 1, 2, 3]));
    if (name === "lifetimeSlots" && choices.chance(0.9)) return BigInt(choices.whole(2_000, 80_000));
    if (name === "slots" || name === "goal") return BigInt(choices.whole(0, 3));
    if ((name === "quest" || name === "finding") && choices.chance(0.9)) return BigInt(choices.whole(0, 2));
    if (/slot/i.test(name) && choices.chance(0.9)) return BigInt(S + choices.of([0, 1, choices.whole(-4, 300)]));
    if (name === "site" && choices.chance(0.9)) return BigInt(choices.whole(1, 6));
    if (name === "role" && choices.chance(0.9)) return BigInt(choices.whole(0, 9));
    if (/ticks|amount|payment|price/i.test(name) && choices.chance(0.6)) return BigInt(choices.whole(0, 400_000));
    if (choices.chance(0.5)) return BigInt(choices.whole(0, 200)) & ((1n << BigInt(bits)) - 1n);
    const value = choices.edged(bits);
    return baseType.startsWith("int") ? BigInt.asIntN(bits, value) : value;
  }

  #address(): string {
    const { market, meters } = this.#running;
    return this.#choices.chance(0.5)
      ? this.#choices.of(meters).address
      : this.#choices.chance(0.9)
        ? this.#choices.of(market.signers).address
        : this.#choices.hex(20);
  }

  #terms(): object {
    const choices = this.#choices;
    return {
      ...TERMS,
      fromSlot: S + choices.whole(8, 200),
      importPrice: choices.whole(200_000, 600_000),
      exportPrice: choices.whole(50_000, 200_000),
      feePpm: choices.whole(0, 20_000),
      rule: choices.whole(0, 1),
    };
  }
}

describe("no role takes anything from anybody who did not consent", () => {
  const done = new Map<string, number>();

  it("where everybody has something to lose", async () => {
    const held = await holdingsOf(await load());
    for (const what of [
      "balance",
      "claim",
      "bond of site",
      "bond of site 2 on",
      "credits",
      "free stake",
      "earnings",
      "matcher bond",
    ]) {
      const most = Math.max(...[...held].filter(([name]) => name.startsWith(what)).map(([, amount]) => Number(amount)));
      expect(most, what).to.be.greaterThan(0);
    }
    expect([...held].some(([name, amount]) => name.startsWith("debt") && amount < 0n)).to.equal(true);
  });

  for (const [target, byRole] of Object.entries(RESTRICTED)) {
    for (const [role, signatures] of Object.entries(byRole)) {
      for (const signature of signatures) {
        const name = `${target}.${signature.split("(")[0] ?? ""}`;
        it(`by ${name}, whatever ${role} passes to it`, async () => {
          const parts = await load();
          const { market, holders } = parts;
          const to = (await restrictedAddresses(market))[target as keyof typeof RESTRICTED];
          const abi = new Interface(restrictedAbis()[target as keyof typeof RESTRICTED]);
          const verb = abi.getFunction(signature);
          const from = holders[role as Role];
          if (verb === null || from === undefined) throw new Error(`nobody can call ${signature}`);
          await PREPARED[name]?.(parts);
          const choices = new Choices(name);
          const random = new Arguments(choices, parts);
          let before = await holdingsOf(parts);
          for (let run = 0; run < TRIES; ++run) {
            const args = random.of(verb.inputs);
            const data = abi.encodeFunctionData(verb, args);
            try {
              await provider.request({
                method: "eth_sendTransaction",
                params: [{ from: from.address, to, data, gas: "0x989680" }],
              });
            } catch {
              continue;
            }
            done.set(name, (done.get(name) ?? 0) + 1);
            const after = await holdingsOf(parts);
            for (const [what, amount] of before) {
              // Who calls may spend its own.
              if (what.endsWith(from.address)) continue;
              const found = after.get(what) ?? 0n;
              const message = `${what} after ${name}(${JSON.stringify(args, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))})`;
              expect(found >= amount, message).to.equal(true);
            }
            before = after;
          }
        });
      }
    }
  }

  it("and the tries were no empty ones: what needs nobody's signature did something", () => {
    const silent = Object.entries(RESTRICTED).flatMap(([target, byRole]) =>
      Object.values(byRole)
        .flat()
        .map((signature) => `${target}.${signature.split("(")[0] ?? ""}`)
        .filter((name) => !done.has(name)),
    );
    // These need a signature, a proof, or what only comes after days.
    expect(silent.sort()).to.deep.equal(NEEDS_MORE);
  });
});

/** Functions that no random argument gets through: they need an owner's or device's signature, or a proven reading. */
const NEEDS_MORE: string[] = [
  // Certificates that were issued: `test/certificates/` has them.
  "EnergyCertificates.setSuspension",
  "EnergyCertificates.suspend",
  "EnergyExchange.certifyExport",
  "EnergyExchange.correctReading",
  "EnergyExchange.drawEvidence",
  "EnergyExchange.registerMeter",
  "EnergyExchange.registerSite",
  "EnergyExchange.replaceMeter",
  // Named at genesis, once.
  "EnergyExchange.setEnergyQueue",
  // Needs the provider's word.
  "Providers.lockStake",
];

/** What some functions need to have happened before they do anything. */
const PREPARED: Readonly<Record<string, (running: Running) => Promise<unknown>>> = {
  "EnergyExchange.unpause": ({ market }) => market.exchange.connect(market.guardian).pause(),
  "EnergyExchange.reinstateMeter": async ({ market, meters }) => {
    const registrar = market.exchange.connect(market.registrar);
    for (const { address } of meters) await registrar.suspendMeter(address);
  },
  "Badges.endQuest": ({ market }) =>
    market.badges.connect(market.governor).addQuest(0, 500, encodeBytes32String("Sun chaser")),
  // The matcher that the market began with must be old enough.
  "EnergyExchange.setMatcher": ({ market }) => market.mineAt(S + 200),
  // Nobody has read the feeder, so the closed slots are flagged.
  "EnergyExchange.endInspection": flagged,
  "Inspections.report": flagged,
  "Inspections.withdraw": reported,
  "Inspections.decide": async (running) => {
    await reported(running);
    const { inspections } = running.market;
    for (const [index, { owner }] of running.meters.slice(0, 2).entries()) {
      await inspections.connect(owner).appeal(index + 1, encodeBytes32String("I differ"));
    }
  },
};

async function flagged({ market }: Running): Promise<void> {
  await market.at(S + 8, 0);
  for (const slot of [S, S + 1]) await market.exchange.connect(market.worker).close(1, slot, []);
}

async function reported(running: Running): Promise<void> {
  await flagged(running);
  const inspector = running.market.inspections.connect(running.market.inspector);
  for (const { address } of running.meters.slice(0, 2)) {
    await inspector.report(1, S, address, encodeBytes32String("seal broken"));
  }
}

function account(market: TestMarket, index: number): HardhatEthersSigner {
  const found = market.signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}
