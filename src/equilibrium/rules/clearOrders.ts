import type { ClearingRule } from "../../market/clearing.ts";
import { clearSides, type OrderSide } from "../../simulation/orders.ts";
import type { MarketPrices } from "../types.ts";
import { clearMcAfee } from "./mcAfee.ts";
import type { RuleClearing } from "./ruleClearing.ts";
import { clearSupplyDemandRatio } from "./supplyDemandRatio.ts";

/** The rules that zones choose from, and three to compare them with. */
export const RULES = ["midpoint", "sbba", "pay-as-bid", "mcafee", "supply-demand-ratio"] as const;
export type Rule = (typeof RULES)[number];

/** Clears a book under a rule: sorts both sides, writes their fills, gives the prices. */
export function clearOrders(
  rule: Rule,
  bids: OrderSide,
  offers: OrderSide,
  { exportPrice, importPrice }: Pick<MarketPrices, "exportPrice" | "importPrice">,
): RuleClearing {
  switch (rule) {
    case "midpoint":
    case "sbba":
      return byMarket(rule, bids, offers, false);
    case "pay-as-bid":
      // What trades is what trades under midpoint; who trades pays its bid or gets its ask, and the operator keeps the rest.
      return byMarket("midpoint", bids, offers, true);
    case "mcafee":
      sort(bids, offers);
      return clearMcAfee(bids, offers, exportPrice, importPrice);
    case "supply-demand-ratio":
      sort(bids, offers);
      return clearSupplyDemandRatio(bids, offers, exportPrice, importPrice);
  }
}

/** The project's own auction. */
function byMarket(rule: ClearingRule, bids: OrderSide, offers: OrderSide, paidAsBid: boolean): RuleClearing {
  const { price } = clearSides(rule, bids, offers);
  return { bidPrice: price, offerPrice: price, paidAsBid };
}

function sort(bids: OrderSide, offers: OrderSide): void {
  bids.sort();
  offers.sort();
}
