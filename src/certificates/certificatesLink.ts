import { zeroPadValue, toBeHex } from "ethers";
import type { EventNameOf, EventOf } from "../chain/abiTypes.ts";
import { blockNumberCall } from "../chain/calls.ts";
import { CERTIFICATE_MARKET_ABI, CERTIFICATES_ABI } from "../chain/certificatesAbi.ts";
import { connectContract, type ConnectedContract } from "../chain/contract.ts";
import { contractAddress } from "../chain/deployment.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { fetchEvents } from "../chain/logs.ts";

type CertificateEventName = EventNameOf<typeof CERTIFICATES_ABI>;

/** The certificates of a deployment and their market, for reading. */
export interface CertificatesLink {
  readonly exchange: ConnectedExchange;
  readonly contract: ConnectedContract<typeof CERTIFICATES_ABI>;
  readonly market: ConnectedContract<typeof CERTIFICATE_MARKET_ABI>;
  /** Events in the chain's order. */
  readonly events: <Name extends CertificateEventName>(
    names: readonly Name[],
  ) => Promise<EventOf<typeof CERTIFICATES_ABI, Name>[]>;
  /** What a job was matched with. */
  readonly matchesOf: (job: number) => Promise<EventOf<typeof CERTIFICATES_ABI, "JobMatched">[]>;
}

/** Connects to the certificates of the exchange's deployment. */
export function connectCertificates(exchange: ConnectedExchange): CertificatesLink {
  const { rpc, deployment } = exchange;
  const contract = connectContract({
    rpc,
    abi: CERTIFICATES_ABI,
    address: contractAddress(deployment, "EnergyCertificates"),
  });
  const market = connectContract({
    rpc,
    abi: CERTIFICATE_MARKET_ABI,
    address: contractAddress(deployment, "CertificateMarket"),
  });
  async function fetch<Name extends CertificateEventName>(names: readonly Name[], indexed: string[] = []) {
    const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
    return fetchEvents({ rpc, abi: CERTIFICATES_ABI, address: contract.address, names, indexed, ...range });
  }
  return {
    exchange,
    contract,
    market,
    events: (names) => fetch(names),
    matchesOf: (job) => fetch(["JobMatched"], [zeroPadValue(toBeHex(job), 32)]),
  };
}
