import { MaxUint256, ZeroAddress } from "ethers";
import { blockNumberCall } from "../../chain/calls.ts";
import { connectContract } from "../../chain/contract.ts";
import { contractAddress } from "../../chain/deployment.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { localKey } from "../../chain/localChain.ts";
import type { Sender } from "../../chain/sender.ts";
import { CREDIT_ABI } from "../../chain/tokenAbi.ts";
import { connectCertificates, type CertificatesLink } from "../../certificates/certificatesLink.ts";
import { readHoldings } from "../../certificates/holdings.ts";
import { issueReadings } from "../../certificates/issueReadings.ts";
import { unmatchedEnergy } from "../../certificates/jobConsumption.ts";
import { MATCH_POLICY_CODES } from "../../certificates/matchPolicy.ts";
import { offerDomain, offerHash } from "../../certificates/offer.ts";
import { planMatches, type PlannedMatch } from "../../certificates/planMatches.ts";
import { readSettledReadings } from "../../game/settledReadings.ts";
import { expandSignature, signingKey } from "../../market/signer.ts";
import { PPM } from "../../units.ts";
import { clockedSender, type LocalClock } from "../localClock.ts";
import type { LocalSenders } from "../localSenders.ts";
import type { Member } from "../members.ts";

export interface PlayCertificatesInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  readonly members: readonly Member[];
  /** First slot that is reported, and how many are. */
  readonly firstSlot: number;
  readonly slots: number;
  /** The training job whose energy is matched; undefined where none was posted. */
  readonly job: number | undefined;
}

/** What became of the day's certificates, Wh. */
export interface CertificatesResult {
  readonly issuedWh: number;
  readonly cancelledWh: number;
  /** Energy that the job's workers proved. */
  readonly provedWh: number;
}

/** What the job's buyer asks for: three quarters of each slot, of the very slot. */
const COVER_PPM = 750_000;
/** A demonstration's price, ticks a Wh: a tenth of the feed-in price or less. */
const PRICE_TICKS = 10_000n;

/**
 * The evening of a day: producers of one source issue certificates for what they exported in its slots, and whoever bought the
 * training job buys some of them by signed offers and cancels them against the energy of its workers.
 */
export async function playCertificates(input: PlayCertificatesInput): Promise<CertificatesResult> {
  const { exchange, senders, clock, members, firstSlot, slots, job } = input;
  const { rpc, deployment } = exchange;
  const link = connectCertificates(exchange);
  const owner = clockedSender(rpc, senders.of("owner"), clock);
  const toBlock = await rpc.call(blockNumberCall());
  const issued = await issueReadings({
    link,
    sender: owner,
    readings: await readSettledReadings({
      rpc,
      exchange: exchange.address,
      fromBlock: deployment.deployBlock,
      toBlock,
    }),
    meters: members.map(({ key }) => key.address),
    fromSlot: firstSlot,
    toSlot: firstSlot + slots - 1,
  });
  const issuedWh = issued.reduce((sum, { amountWh }) => sum + amountWh, 0);
  if (job === undefined) return { issuedWh, cancelledWh: 0, provedWh: 0 };

  const proved = await unmatchedEnergy(link, job);
  const provedWh = proved.reduce((sum, { energyWh }) => sum + energyWh, 0);
  const consumption = proved.map((one) => ({ ...one, energyWh: Math.floor((one.energyWh * COVER_PPM) / PPM) }));
  const holdings = (await readHoldings(link)).get(owner.address) ?? [];
  const matches = planMatches({ holdings, consumption, policy: "slot" });
  const requester = clockedSender(rpc, senders.of("requester"), clock);
  await buy({ link, owner, requester, clock, chainId: deployment.chainId }, matches);
  await requester.send([
    {
      to: link.contract.address,
      data: link.contract.encode("multicall", [
        matches.map(({ certificate, slot, amountWh, policy }) =>
          link.contract.encode("cancelForJob", [
            requester.address,
            certificate,
            amountWh,
            job,
            slot,
            MATCH_POLICY_CODES[policy],
          ]),
        ),
      ]),
    },
  ]);
  return { issuedWh, cancelledWh: matches.reduce((sum, { amountWh }) => sum + amountWh, 0), provedWh };
}

interface Parties {
  readonly link: CertificatesLink;
  readonly owner: Sender;
  readonly requester: Sender;
  readonly clock: LocalClock;
  readonly chainId: number;
}

/** The owner of the plants signs an offer for each match, and the requester takes it whole. */
async function buy(
  { link, owner, requester, clock, chainId }: Parties,
  matches: readonly PlannedMatch[],
): Promise<void> {
  const { contract, market, exchange } = link;
  const credit = connectContract({
    rpc: exchange.rpc,
    abi: CREDIT_ABI,
    address: contractAddress(exchange.deployment, "EnergyCredit"),
  });
  await owner.send([{ to: contract.address, data: contract.encode("setOperator", [market.address, true]) }]);
  await requester.send([{ to: credit.address, data: credit.encode("approve", [market.address, MaxUint256]) }]);
  const key = signingKey(localKey("owner"));
  const domain = offerDomain(chainId, market.address);
  for (const [index, { certificate, amountWh }] of matches.entries()) {
    const offer = {
      seller: owner.address,
      id: certificate,
      amountWh: BigInt(amountWh),
      priceTicks: PRICE_TICKS,
      buyer: ZeroAddress,
      bundled: false,
      expiry: clock.now() + 3_600,
      salt: BigInt(index),
    };
    const signature = expandSignature(key.sign(offerHash(domain, offer)));
    await requester.send([{ to: market.address, data: market.encode("buy", [offer, signature, amountWh]) }]);
  }
  // An open allowance ends with its use.
  await requester.send([{ to: credit.address, data: credit.encode("approve", [market.address, 0n]) }]);
}
