import { expect } from "chai";
import { HDNodeWallet, type TypedDataField } from "ethers";
import { LOCAL_ACCOUNTS, mineAt } from "../../src/chain/localChain.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const MNEMONIC = "test test test test test test test test test test test junk";
const wallet = (index: number, path = "0'/0") =>
  HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/${path}/${String(index)}`);
const TREASURY = wallet(LOCAL_ACCOUNTS.treasury).address;
const GRID = wallet(LOCAL_ACCOUNTS.grid).address;

interface TypedData {
  readonly types: Record<string, TypedDataField[]>;
  readonly primaryType: string;
  readonly domain: { readonly chainId: number; readonly verifyingContract: string };
  readonly message: Record<string, unknown>;
}

/** As a wallet elsewhere signs what a verb printed. */
async function signElsewhere(signer: HDNodeWallet, printed: string): Promise<string> {
  const { types, primaryType, domain, message } = JSON.parse(printed) as TypedData;
  return signer.signTypedData(domain, { [primaryType]: types[primaryType] ?? [] }, message);
}

describe("the command line of the desk and of consents, on a node of its own", () => {
  let own: OwnNode;
  before(async () => {
    own = await startOwnNode(S - 30);
    await own.succeeds("deploy", { parameters: await own.file("p.json", JSON.stringify({ governorDelay: 3600 })) });
  });
  after(() => own.stop());

  async function desk(): Promise<Record<string, string>> {
    return JSON.parse(await own.succeeds("show-desk", { json: true })) as Record<string, string>;
  }

  describe("given a new desk", () => {
    it("takes GRID's pledge and credit line and shows what they back", async () => {
      expect(await own.succeeds("pledge", { payment: "90" })).to.equal("90 TUSD pledged; the desk holds 90 TUSD.");
      expect(await own.succeeds("credit-line", { credits: "200" })).to.equal(
        "Credit line of 200 credits; 500 may still be minted.",
      );
      expect(await desk()).to.include({ funds: "90000000", backing: "500000000000000000000", supply: "0" });
      const shown = await own.succeeds("show-desk", {});
      expect(shown).to.match(/sells a credit for +│ 0\.3 TUSD/);
      expect(shown).to.match(/backing, credits +│ 500 /);
    });

    it("sells credits, at no more than the buyer accepts", async () => {
      expect(await own.succeeds("buy", { amount: "100" })).to.equal("100 credits bought for 30 TUSD.");
      expect(await own.fails("buy", { amount: "100", maxPayment: "29.9" })).to.match(/^Error TX_REVERTED.*PriceMoved/);
      expect(await own.succeeds("buy", { amount: "10", account: "owner", maxPayment: "3" })).to.include("for 3 TUSD");
    });

    it("redeems while it has funds", async () => {
      expect(await own.succeeds("redeem", { amount: "10", to: GRID })).to.equal(
        `10 credits redeemed: 3 TUSD paid to ${GRID}.`,
      );
      expect(await own.fails("redeem", { amount: "1", minPayment: "0.31" })).to.match(/PriceMoved/);
      expect(await own.fails("redeem", { amount: "500" })).to.match(/^Error TX_REVERTED.*ERC20InsufficientBalance/);
    });
  });

  describe("given a desk whose funds GRID took back", () => {
    it("gives GRID back what nothing needs, and no more", async () => {
      expect(await own.fails("withdraw-pledge", { payment: "121" })).to.match(/FundsShort/);
      expect(await own.succeeds("withdraw-pledge", { payment: "120", to: TREASURY })).to.equal(
        `120 TUSD taken back to ${TREASURY}; the desk holds 0 TUSD.`,
      );
      expect(await own.fails("credit-line", { credits: "99.9" })).to.match(/Unbacked/);
    });

    it("queues redemptions, or refuses where nobody wants to wait", async () => {
      expect(await own.fails("redeem", { amount: "20", now: true })).to.match(/FundsShort/);
      expect(await own.succeeds("redeem", { amount: "20" })).to.equal(
        `Redemption 1 of 20 credits waits its turn: 6 TUSD for ${TREASURY}.`,
      );
      const { EnergyExchange, CreditDesk = "" } = (await own.deployment()).contracts;
      expect(EnergyExchange).to.match(/^0x/);
      await own.succeeds("redeem", { amount: "10", to: CreditDesk });
      await own.succeeds("redeem", { amount: "5" });
      expect(await own.succeeds("pay-queue", {})).to.equal("Up to 3 redemptions wait for 10.5 TUSD.");
    });

    it("cancels a redemption for its seller alone", async () => {
      expect(await own.fails("redeem", { cancel: 3, account: "owner" })).to.match(/NotSeller/);
      expect(await own.succeeds("redeem", { cancel: 3 })).to.equal("Redemption 3 cancelled: 5 credits given back.");
      expect(await own.fails("redeem", { cancel: 3 })).to.match(/UnknownRedemption/);
    });

    it("pays the queue as funds return, sets aside what is refused, and has it collected", async () => {
      await own.succeeds("pledge", { payment: "9" });
      expect(await own.succeeds("pay-queue", { max: 1 })).to.equal(
        `Redemption 1: 6 TUSD paid to ${TREASURY}.\nUp to 2 redemptions wait for 3 TUSD.`,
      );
      expect(await own.succeeds("pay-queue", {})).to.match(
        /^Redemption 2: 0x\w+ cannot be paid; 3 TUSD set aside\.\nNothing waits\.$/,
      );
      expect(await desk()).to.include({ setAside: "3000000", owed: "0" });
      expect(await own.succeeds("redeem", { collect: 2, to: GRID })).to.equal(
        `Redemption 2 collected: 3 TUSD paid to ${GRID}.`,
      );
    });
  });

  describe("given governance with a delay", () => {
    it("decides prices in two steps", async () => {
      const decision = { sell: "0.31", redeem: "0.29" };
      expect(await own.succeeds("desk-prices", decision)).to.match(
        /^Scheduled\. Run the same command again after 2025-/,
      );
      expect(await desk()).to.include({ redeemPrice: "300000" });
      await mineAt(own.rpc, (S - 20) * SLOT_SECONDS);
      expect(await own.succeeds("desk-prices", decision)).to.equal(
        "The desk sells a credit for 0.31 TUSD and redeems it for 0.29 TUSD.",
      );
      expect(await desk()).to.include({ sellPrice: "310000", redeemPrice: "290000" });
    });
  });

  describe("given arguments that are wrong", () => {
    const cases: [string, Record<string, string | number | boolean>, RegExp][] = [
      ["pledge", { payment: "1.2345678" }, /ARGUMENT_INVALID.*payment .*at most 6 decimals/],
      ["pledge", { payment: "0" }, /ZeroAmount/],
      ["withdraw-pledge", { payment: "-1" }, /ARGUMENT_INVALID.*payment/],
      ["withdraw-pledge", { payment: "1", to: "0x1" }, /ARGUMENT_INVALID.*to /],
      ["credit-line", { credits: "-1" }, /ARGUMENT_INVALID.*credits/],
      ["desk-prices", { sell: "much", redeem: "0.3" }, /ARGUMENT_INVALID.*sell/],
      ["buy", { amount: "0" }, /ARGUMENT_INVALID.*amount/],
      ["buy", { amount: "1", account: "registrar" }, /ARGUMENT_INVALID.*account/],
      ["redeem", {}, /exactly one of --amount, --cancel and --collect/],
      ["redeem", { amount: "1", cancel: 1 }, /exactly one of --amount, --cancel and --collect/],
      ["pay-queue", { max: 0 }, /ARGUMENT_INVALID.*max/],
      ["site", { zone: 1, owner: GRID }, /--owner and --owner-signature together/],
      ["meter", { site: 1, kind: "consumer", ratedPower: 1, meter: GRID }, /--meter and --device-signature together/],
      ["site-consent", { zone: 1, owner: "0x1" }, /ARGUMENT_INVALID.*owner/],
      ["meter-consent", { site: 1, kind: "toaster", ratedPower: 1, meter: GRID }, /ARGUMENT_INVALID.*kind/],
    ];
    for (const [verb, input, message] of cases) {
      it(`${verb} names what is wrong with ${JSON.stringify(input)}`, async () => {
        expect(await own.fails(verb, input)).to.match(message);
      });
    }
  });

  describe("given an owner and a device that sign elsewhere", () => {
    const owner = wallet(70);
    const device = wallet(71, "1'/0");

    before(() => own.succeeds("zone", { zone: 1 }));

    it("registers a site with a consent that was printed and signed there", async () => {
      const printed = await own.succeeds("site-consent", { zone: 1, owner: owner.address });
      const { EnergyExchange } = (await own.deployment()).contracts;
      const { domain, message } = JSON.parse(printed) as TypedData;
      expect(domain).to.include({ chainId: 31337, verifyingContract: EnergyExchange });
      expect(message).to.deep.equal({ site: 1, owner: owner.address, zone: 1 });
      const ownerSignature = await signElsewhere(owner, printed);
      const stranger = await signElsewhere(device, printed);
      expect(await own.fails("site", { zone: 1, owner: owner.address, ownerSignature: stranger })).to.match(
        /^Error CONSENT_SIGNER_WRONG/,
      );
      expect(await own.succeeds("site", { zone: 1, owner: owner.address, ownerSignature })).to.equal(
        `Site 1 registered in zone 1 for owner ${owner.address}.`,
      );
    });

    it("registers a meter with both consents, each for exactly the printed values", async () => {
      const facts = { site: 1, kind: "producer", source: "solar", ratedPower: 8000, importWh: 12 };
      const printed = await own.succeeds("meter-consent", { ...facts, meter: device.address });
      const ownerSignature = await signElsewhere(owner, printed);
      const deviceSignature = await signElsewhere(device, printed);
      const given = { meter: device.address, ownerSignature, deviceSignature };
      expect(await own.fails("meter", { ...facts, ...given, ratedPower: 16_000 })).to.match(/CONSENT_SIGNER_WRONG/);
      expect(await own.fails("meter", { ...facts, ...given, deviceSignature: ownerSignature })).to.match(
        /CONSENT_SIGNER_WRONG/,
      );
      expect(await own.fails("meter", { ...facts, meter: device.address, deviceSignature })).to.match(
        /CONSENT_SIGNER_WRONG/,
      );
      expect(await own.fails("meter", { ...facts, ...given, site: 9 })).to.match(/CONSENT_SIGNER_WRONG|UnknownSite/);
      expect(await own.succeeds("meter", { ...facts, ...given })).to.equal(
        `Meter ${device.address} (producer) registered on site 1.`,
      );
      expect(await own.succeeds("show-meter", { meter: device.address })).to.match(/imported +│ 12 Wh/);
    });
  });
});
