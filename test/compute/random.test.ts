import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import hre from "hardhat";
import { ticksToBaseUnits } from "../../src/units.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import { GhostMarket, OFFER, Refusal, type GhostLease } from "./ghost.ts";
import { deployMockWorld, meterOf, ZONE, type MockWorld } from "./mockWorld.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const SEQUENCES = fuzzRuns(160);
const STEPS = 300;
const ACTIVE = 1;
const SITES = [2, 3, 4] as const;
/** More requests than this would push each other out of the list, which a test of its own shows. */
const MOST_WAITING = 12;

interface Given extends MockWorld {
  readonly ghost: GhostMarket;
  readonly provider: MockWorld["worker"];
  /** Two who lease, one who only meddles. */
  readonly others: readonly MockWorld["worker"][];
}

async function offered() {
  const world = await deployMockWorld(connection);
  const { exchange, providers, market, signers } = world;
  const [, provider, ...rest] = signers;
  if (provider === undefined) throw new Error("an account is missing");
  const others = rest.slice(0, 3);
  await exchange.setSite(1, provider, ZONE, 0);
  await exchange.setMeter(meterOf("provider"), 1, ACTIVE);
  await providers.connect(provider).registerProvider(provider, meterOf("provider"), OFFER.accelerators);
  await providers.connect(provider).allowLocker(market, true);
  await market
    .connect(provider)
    .makeOffer(OFFER.accelerators, OFFER.price, OFFER.stake, OFFER.least, OFFER.most, OFFER.powerW);
  for (const [place, other] of others.entries()) await exchange.setSite(SITES[place] ?? 0, other, ZONE, place * 1_000);
  return { ...world, provider, others };
}

/** One call: what the ghost says of it, and the call itself. */
interface Step {
  readonly name: string;
  readonly predict: () => unknown;
  readonly send: () => Promise<ContractTransactionResponse>;
}

function choose({ ghost, market, providers, provider, others }: Given, choices: Choices): Step {
  const anybody = choices.of([provider, ...others]);
  const by = anybody.address;
  const asAnybody = market.connect(anybody);
  const asProvider = providers.connect(provider);
  const started = ghost.leases.filter(({ state }) => state === "active" || state === "paused");
  const running = started.length > 0 && choices.chance(0.8) ? started : ghost.waiting;
  const among = running.length > 0 && choices.chance(0.9) ? running : ghost.leases;
  const lease = among.length === 0 ? undefined : choices.of(among);
  const amount = BigInt(choices.of([0, 1, choices.whole(1, 400)])) * 1_000_000n;
  const steps: Step[] = [
    {
      name: "post",
      predict: () => ghost.post(amount),
      send: () => providers.connect(anybody).postStake(provider, amount),
    },
    { name: "unstake", predict: () => ghost.unstake(amount), send: () => asProvider.requestUnstake(amount) },
    { name: "cancelUnstake", predict: () => ghost.cancelUnstake(), send: () => asProvider.cancelUnstake() },
    { name: "collectStake", predict: () => ghost.collectStake(), send: () => asProvider.collectStake(provider) },
    { name: "start", predict: () => ghost.start(), send: () => asAnybody.startNext(1) },
    { name: "start", predict: () => ghost.start(), send: () => asAnybody.startNext(1) },
    { name: "collect", predict: () => ghost.collect(by), send: () => asAnybody.collect(anybody) },
  ];
  const place = choices.whole(0, others.length - 1);
  const requester = others[place];
  if (requester !== undefined && ghost.waiting.length < MOST_WAITING) {
    const asked = {
      accelerators: choices.of([0, 1, 2, 3, 4, 8, OFFER.accelerators + 1]),
      seconds: choices.chance(0.1) ? OFFER.least - 1 : choices.whole(OFFER.least, OFFER.most),
      price: OFFER.price + BigInt(choices.whole(-1, 2)),
      rank: place * 1_000,
      duration: choices.of([1, 20, 96, 400, 2_000, 2_600]),
      wait: choices.of([2, 40, 192]),
    };
    const request: Step = {
      name: "request",
      predict: () => ghost.request(requester.address, asked),
      send: () =>
        market.connect(requester).requestLease({
          offer: 1,
          site: SITES[place] ?? 0,
          accelerators: asked.accelerators,
          acceleratorSeconds: asked.seconds,
          price: asked.price,
          maxImportPrice: 300_000,
          maxScarcityPpm: 0,
          durationSlots: asked.duration,
          waitSlots: asked.wait,
        }),
    };
    steps.push(request, request, request);
  }
  if (lease !== undefined) steps.push(...leaseSteps({ ghost, market, provider, others }, choices, lease, anybody));
  return choices.of(steps);
}

function leaseSteps(
  { ghost, market, provider, others }: Pick<Given, "ghost" | "market" | "provider" | "others">,
  choices: Choices,
  lease: GhostLease,
  anybody: Given["provider"],
): Step[] {
  const { id } = lease;
  const by = anybody.address;
  const asAnybody = market.connect(anybody);
  const requester = choices.chance(0.8)
    ? (others.find(({ address }) => address === lease.requester) ?? anybody)
    : anybody;
  const reporter = choices.chance(0.9) ? provider : anybody;
  const slot = Math.max(
    1,
    choices.of([Math.max(lease.firstSlot, lease.lastUse + 1), ghost.slot - 1, ghost.slot - choices.whole(0, 100)]),
  );
  const seconds = choices.of([0, lease.accelerators * 900, lease.accelerators * 900 + 1, choices.whole(1, 900)]);
  const leaf = { meter: meterOf("provider"), zone: ZONE, slot, importWh: 1_000_000, exportWh: 0, flags: 0 };
  const from = lease.settled + choices.whole(0, lease.uses.length);
  const most = choices.whole(1, 5);
  const amount = BigInt(choices.of([0, 1, 5_000])) * 100_000n;
  const report: Step = {
    name: "report",
    predict: () => ghost.report(reporter.address, lease, slot, seconds),
    send: () => market.connect(reporter).reportUse(id, seconds, 1, leaf, `0x${"00".repeat(32)}`, []),
  };
  const pause: Step = { name: "pause", predict: () => ghost.pause(lease), send: () => asAnybody.pauseLease(id) };
  const resume: Step = {
    name: "resume",
    predict: () => ghost.resume(requester.address, lease),
    send: () => market.connect(requester).resumeLease(id),
  };
  return [
    ...[report, report, report, report, resume],
    // Few sequences come here by chance.
    ...(lease.state === "paused" ? [resume, resume, resume, resume] : []),
    ...(ghost.slot >= lease.alive + 192 ? [pause, pause, pause, pause] : [pause]),
    {
      name: "withdraw",
      predict: () => ghost.withdraw(requester.address, lease),
      send: () => market.connect(requester).withdrawRequest(id),
    },
    {
      name: "accept",
      predict: () => ghost.accept(requester.address, lease),
      send: () => market.connect(requester).acceptUse(id),
    },
    {
      name: "refuse",
      predict: () => ghost.refuse(requester.address, lease, from),
      send: () => market.connect(requester).refuseUse(id, from),
    },
    { name: "claim", predict: () => ghost.claim(lease, most), send: () => asAnybody.claimPay(id, most) },
    { name: "topUp", predict: () => ghost.topUp(lease, amount), send: () => asAnybody.topUp(id, amount) },
    { name: "notice", predict: () => ghost.notice(by, lease), send: () => asAnybody.giveNotice(id) },
    { name: "close", predict: () => ghost.close(by, lease), send: () => asAnybody.closeLease(id) },
  ];
}

/** Both do it, or both refuse by the same error. */
async function play({ market, providers, ghost }: Given, { name, predict, send }: Step): Promise<string> {
  await networkHelpers.time.setNextBlockTimestamp(ghost.time);
  try {
    predict();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refuses = market.interface.getError(error.error) === null ? providers : market;
    await expect(send(), `${name} should be refused`).to.be.revertedWithCustomError(refuses, error.error);
    return `${name} ${error.error}`;
  }
  await send();
  return name;
}

async function compare({ ghost, market, providers, credit, provider, pool, others }: Given): Promise<void> {
  const { stakeTicks, lockedTicks, unbondingTicks } = await providers.providerInfo(provider);
  expect([stakeTicks, lockedTicks, unbondingTicks], "stake").to.deep.equal([
    ghost.stake,
    ghost.locked,
    ghost.unbonding,
  ]);
  expect(ghost.stakeIn, "stake in").to.equal(ghost.stake + ghost.stakeOut + ghost.slashed);
  expect(await credit.balanceOf(providers), "credits behind stake").to.equal(ticksToBaseUnits(ghost.stake));
  expect(ghost.escrowIn, "escrow in").to.equal(ghost.inLeases + ghost.paidOut + ghost.refunded + ghost.refused);
  const held = await credit.balanceOf(market);
  expect(held, "credits of leases and accounts").to.equal(ticksToBaseUnits(ghost.inLeases + ghost.owed));
  expect(await credit.balanceOf(pool), "season pool").to.equal(ticksToBaseUnits(ghost.refused + ghost.slashed));
  for (const { address } of [provider, ...others]) {
    expect(await market.earned(address), "earned").to.equal(ghost.earned.get(address) ?? 0n);
  }
}

describe("leases in random sequences", () => {
  const told = new Map<string, number>();
  for (let seed = 0; seed < SEQUENCES; ++seed) {
    it(`hold every tick where a plain model has it, and end by time alone, sequence ${String(seed)}`, async () => {
      const world = await networkHelpers.loadFixture(offered);
      const ghost = new GhostMarket(world.provider.address);
      const given: Given = { ...world, ghost };
      const choices = new Choices(`lease ${String(seed)}`);
      ghost.time = (Math.floor((await networkHelpers.time.latest()) / 900) + 2) * 900;
      for (let step = 0; step < STEPS; ++step) {
        const jump = choices.chance(0.04) ? [14_400, 90_000, 180_000, 620_000] : [1, 1, 60, 400, 900, 900, 1_800];
        ghost.time += choices.of(jump);
        const outcome = await play(given, choose(given, choices));
        told.set(outcome, (told.get(outcome) ?? 0) + 1);
        if (step % 10 === 9) await compare(given);
      }
      // Whatever the parties do or leave undone: after 113 slots beyond the longest end, or a week of pause, all is over.
      ghost.time += 4_000 * 900;
      for (const lease of ghost.leases) {
        const stranger = world.others[2];
        if (stranger === undefined) throw new Error("an account is missing");
        const as = world.market.connect(stranger);
        const end: Step =
          lease.state === "waiting"
            ? {
                name: "withdraw",
                predict: () => ghost.withdraw(stranger.address, lease),
                send: () => as.withdrawRequest(lease.id),
              }
            : {
                name: "close",
                predict: () => ghost.close(stranger.address, lease),
                send: () => as.closeLease(lease.id),
              };
        if (lease.state !== "closed") expect(await play(given, end)).to.equal(end.name);
        if (lease.uses.length > 0) {
          await play(given, {
            name: "claim",
            predict: () => ghost.claim(lease, 1_000),
            send: () => as.claimPay(lease.id, 1_000),
          });
        }
      }
      await compare(given);
      expect([ghost.locked, ghost.inLeases], "nothing is left in leases").to.deep.equal([0n, 0n]);
    });
  }

  it("reached every verb, and the refusals that need a history", () => {
    const verbs =
      "post unstake cancelUnstake collectStake request start collect report withdraw accept refuse claim topUp pause resume notice close";
    for (const verb of verbs.split(" ")) expect(told.get(verb) ?? 0, verb).to.be.greaterThan(0);
    for (const reason of ["report UseOutOfRange", "report NotEntitled", "start StakeTooSmall", "close TooSoon"]) {
      expect(told.get(reason) ?? 0, reason).to.be.greaterThan(0);
    }
  });
});
