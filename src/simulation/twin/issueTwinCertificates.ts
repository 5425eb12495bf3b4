import { decodeCertificateId } from "../../certificates/certificateId.ts";
import { connectCertificates } from "../../certificates/certificatesLink.ts";
import { issueReadings } from "../../certificates/issueReadings.ts";
import { blockNumberCall } from "../../chain/calls.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import type { Sender } from "../../chain/sender.ts";
import { readSettledReadings } from "../../game/settledReadings.ts";
import { placeOf } from "./chainRecord.ts";

export interface IssueTwinCertificatesInput {
  readonly exchange: ConnectedExchange;
  /** The owner of all sites. */
  readonly owner: Sender;
  readonly meters: readonly string[];
  readonly firstSlot: number;
  readonly slots: number;
}

/** Issues certificates for every reading of a window that can have them, and returns what the chain issued, Wh by {@link placeOf} zone, slot and meter. */
export async function issueTwinCertificates(input: IssueTwinCertificatesInput): Promise<ReadonlyMap<string, number>> {
  const { exchange, owner, meters, firstSlot, slots } = input;
  const { rpc, deployment } = exchange;
  const link = connectCertificates(exchange);
  const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
  const readings = await readSettledReadings({ rpc, exchange: exchange.address, ...range });
  await issueReadings({
    ...{ link, sender: owner, readings, meters },
    ...{ fromSlot: firstSlot, toSlot: firstSlot + slots - 1 },
  });
  const issued = new Map<string, number>();
  for (const { args } of await link.events(["CertificatesIssued"])) {
    const { zone, slot } = decodeCertificateId(args.id);
    issued.set(placeOf(zone, slot, args.meter), args.amountWh);
  }
  return issued;
}
