import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, SLOT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:order 1944961 --bid 800 --limit 0.25 --device 1 --book book.json --network localhost` */
export const orderTask = task(
  "joulework:order",
  "Sign an order and print it, add it to a book or give it to a matcher; or place or cancel one on chain",
)
  .addPositionalArgument(SLOT)
  .addOption(wholeOption("bid", "Buy this much energy, Wh", 0))
  .addOption(wholeOption("offer", "Sell this much energy, Wh", 0))
  .addOption(textOption("limit", "Highest price to buy for, lowest to sell for, credits a kWh"))
  .addOption(wholeOption("device", "Local chain: public test device key N; otherwise JOULEWORK_DEVICE_KEY signs", -1))
  .addOption(textOption("meter", "Meter to order for as its delegate, or to place and cancel for; signed by --as"))
  .addOption(textOption("keyFile", "Encrypted key file that signs instead; password in JOULEWORK_ORDER_KEY_PASSWORD"))
  .addOption(textOption("book", "Book to add the order to: the file that joulework:commit and joulework:clear take"))
  .addOption(textOption("matcher", "Address of the matcher that gets it, such as http://127.0.0.1:8551"))
  .addFlag({ name: "place", description: "Place the order of --meter on chain" })
  .addFlag({ name: "cancel", description: "Cancel on chain what --meter ordered for the slot, signed orders included" })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./orderAction.ts"))
  .build();
