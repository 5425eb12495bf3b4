import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { LocalAccount } from "../../src/chain/localChain.ts";
import { callMarket, letMarketTake, readOffer } from "./support/computeMarket.ts";
import { formatLease, readLease } from "./support/leases.ts";
import { parseLeaseStep, PLAIN_STEPS, type LeaseInput, type LeaseStep } from "./support/leaseStep.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

type LeaseArguments = LeaseInput & { readonly deployment: string };
type LeaseRequest = Extract<LeaseStep, { step: "offer" }>["request"];

export default function leaseAction(input: LeaseArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const step = parseLeaseStep(input);
    const session = await openSession(hre, input.deployment);
    const lease = await take(session, step);
    console.log(formatLease(lease, await readLease(session, lease)));
  });
}

/** Takes the step; returns the number of its lease. */
async function take(session: Session, step: LeaseStep): Promise<number> {
  const market = session.contract("ComputeMarket");
  const { as } = step;
  if (step.step === "offer") return requestLease(session, as, step.request);
  if (step.step === "topUp") {
    await letMarketTake(session, as, step.amountTicks);
    await callMarket(session, as, market.encode("topUp", [BigInt(step.lease), step.amountTicks]));
    return step.lease;
  }
  const events = await callMarket(session, as, market.encode(PLAIN_STEPS[step.step], [BigInt(step.number)]));
  const started = events.find((event) => event.name === "LeaseStarted");
  return started === undefined ? step.number : Number(started.args.lease);
}

async function requestLease(session: Session, as: LocalAccount, request: LeaseRequest): Promise<number> {
  const { offer, accelerators, seconds, site, maxImportPrice, maxScarcityPpm } = request;
  const market = session.contract("ComputeMarket");
  const asked = (await readOffer(session, offer)).price;
  const price = request.price === "" ? asked : request.price;
  await letMarketTake(session, as, BigInt(seconds) * price);
  const data = market.encode("requestLease", [
    {
      offer,
      site,
      accelerators,
      acceleratorSeconds: seconds,
      price,
      maxImportPrice,
      maxScarcityPpm,
      durationSlots: request.slots,
      waitSlots: request.wait,
    },
  ]);
  const events = await callMarket(session, as, data);
  const requested = events.find((event) => event.name === "LeaseRequested");
  if (requested === undefined) throw new RangeError("a request has no number");
  return Number(requested.args.lease);
}
