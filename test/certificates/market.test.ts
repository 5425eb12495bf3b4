import { expect } from "chai";
import { MaxUint256, TypedDataEncoder, ZeroAddress } from "ethers";
import hre from "hardhat";
import { ticksToBaseUnits } from "../../src/units.ts";
import { deployCertificateWorld, POLICY, S } from "./world.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const PRICE = 20_000n;
const TYPES = {
  CertificateOffer: [
    { name: "seller", type: "address" },
    { name: "id", type: "uint256" },
    { name: "amountWh", type: "uint64" },
    { name: "priceTicks", type: "uint64" },
    { name: "buyer", type: "address" },
    { name: "bundled", type: "bool" },
    { name: "expiry", type: "uint40" },
    { name: "salt", type: "uint256" },
  ],
};

/** The solar plant has 500 Wh to sell, the home 10,000 credits, and took 300 Wh in the same slot. */
async function selling() {
  const world = await deployCertificateWorld(connection);
  const proved = await world.settle(S, { solar: { exportWh: 500 }, home: { importWh: 300 }, roof: { importWh: 50 } });
  await world.issue("solar", proved.solar);
  const { market } = world;
  const place = market.certificateMarket;
  await world.as("solar").setOperator(place, true);
  for (const name of ["home", "roof"] as const) {
    await market.fund(world.owner(name), 10_000_000_000n);
    await market.credit.connect(world.owner(name)).approve(place, MaxUint256);
  }
  return { world, proved };
}

async function load() {
  const { world, proved } = await networkHelpers.loadFixture(selling);
  const { market, certificates } = world;
  const place = market.certificateMarket;
  const domain = {
    name: "Joulework certificates",
    version: "1",
    chainId: (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await place.getAddress(),
  };
  const offer = {
    seller: world.owner("solar").address,
    id: world.id(S),
    amountWh: 400n,
    priceTicks: PRICE,
    buyer: ZeroAddress,
    bundled: false,
    expiry: (S + 50) * 900,
    salt: 1n,
  };
  type Offer = typeof offer;
  const sign = async (changed: Offer) => world.owner("solar").signTypedData(domain, TYPES, changed);
  return {
    world,
    proved,
    market,
    certificates,
    place,
    offer,
    sign,
    domain,
    hashOf: (changed: Offer) => TypedDataEncoder.hash(domain, TYPES, changed),
    buy: async (amountWh: number, changed: Offer = offer, name: "home" | "roof" = "home") =>
      place.connect(world.owner(name)).buy(changed, await sign(changed), amountWh),
    bundle: async (
      amountWh: number,
      { leaf, root, proof } = proved.home,
      changed: Offer = { ...offer, bundled: true },
    ) => place.connect(world.owner("home")).buyBundled(changed, await sign(changed), amountWh, leaf, root, proof),
  };
}

describe("certificates sold by signed offers", () => {
  it("change hands for credits, in parts, at the price that was signed", async () => {
    const { world, market, certificates, place, offer, buy, hashOf } = await load();
    const seller = world.owner("solar").address;
    const home = world.owner("home").address;
    const [paid, got] = await Promise.all([market.credit.balanceOf(home), market.credit.balanceOf(seller)]);
    await expect(buy(100))
      .to.emit(place, "CertificatesSold")
      .withArgs(hashOf(offer), seller, home, offer.id, 100, PRICE, 100);
    await expect(buy(300, offer, "roof")).to.emit(place, "CertificatesSold");
    expect(await certificates.balanceOf(home, offer.id)).to.equal(100n);
    expect(await certificates.balanceOf(world.owner("roof").address, offer.id)).to.equal(300n);
    expect(paid - (await market.credit.balanceOf(home))).to.equal(ticksToBaseUnits(100n * PRICE));
    expect((await market.credit.balanceOf(seller)) - got).to.equal(ticksToBaseUnits(400n * PRICE));
    expect(await place.soldOf(hashOf(offer))).to.equal(400n);
    expect(await certificates.balanceOf(await place.getAddress(), offer.id)).to.equal(0n);
  });

  it("hash offers as EIP-712 says", async () => {
    const { place, offer, hashOf } = await load();
    const other = { ...offer, bundled: true, buyer: offer.seller, salt: 2n ** 255n, amountWh: 2n ** 64n - 1n };
    expect(await place.offerHash(offer)).to.equal(hashOf(offer));
    expect(await place.offerHash(other)).to.equal(hashOf(other));
    expect(await place.OFFER_TYPEHASH()).to.equal(
      ethers.id(TypedDataEncoder.from(TYPES).encodeType("CertificateOffer")),
    );
  });

  it("may be sold before they are issued, and are had once they are", async () => {
    const { world, certificates, offer, buy } = await load();
    const later = { ...offer, id: world.id(S + 1) };
    await expect(buy(10, later)).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientBalance");
    const { solar } = await world.settle(S + 1, { solar: { exportWh: 10 } });
    await world.issue("solar", solar);
    await buy(10, later);
  });

  it("of a seller that is a contract", async () => {
    const { world, market, certificates, place, offer, domain } = await load();
    const key = world.owner("solar");
    const wallet = await ethers.deployContract("SmartWallet", [key.address]);
    await world.as("solar").transfer(wallet, offer.id, 60);
    const approve = certificates.interface.encodeFunctionData("setOperator", [await place.getAddress(), true]);
    await wallet.connect(key).execute(certificates, approve);
    const fromWallet = { ...offer, seller: await wallet.getAddress() };
    const signature = await key.signTypedData(domain, TYPES, fromWallet);
    const stranger = await market.worker.signTypedData(domain, TYPES, fromWallet);
    await expect(place.connect(world.owner("home")).buy(fromWallet, stranger, 60))
      .to.be.revertedWithCustomError(place, "OfferUnsigned")
      .withArgs(fromWallet.seller);
    await place.connect(world.owner("home")).buy(fromWallet, signature, 60);
    expect(await certificates.balanceOf(world.owner("home").address, offer.id)).to.equal(60n);
  });

  describe("are not sold", () => {
    it("beyond the offer, nor for nothing", async () => {
      const { place, offer, buy, hashOf } = await load();
      await buy(399);
      for (const amount of [0, 2]) {
        await expect(buy(amount)).to.be.revertedWithCustomError(place, "OfferUsed").withArgs(hashOf(offer), amount, 1);
      }
    });

    it("after the offer's expiry", async () => {
      const { place, offer, buy, market } = await load();
      await market.at(S + 50, 0);
      await expect(buy(1)).to.be.revertedWithCustomError(place, "OfferExpired").withArgs(offer.expiry);
    });

    it("to others than whom it is for", async () => {
      const { world, place, offer, buy } = await load();
      const forRoof = { ...offer, buyer: world.owner("roof").address };
      await expect(buy(1, forRoof)).to.be.revertedWithCustomError(place, "OfferForAnother").withArgs(forRoof.buyer);
      await buy(1, forRoof, "roof");
    });

    it("by an offer that was changed, or signed for another contract", async () => {
      const { world, place, offer, sign, domain } = await load();
      const signature = await sign(offer);
      const cheaper = { ...offer, priceTicks: 1n };
      const elsewhere = { ...domain, verifyingContract: world.owner("home").address };
      const foreign = await world.owner("solar").signTypedData(elsewhere, TYPES, offer);
      const home = place.connect(world.owner("home"));
      await expect(home.buy(cheaper, signature, 1)).to.be.revertedWithCustomError(place, "OfferUnsigned");
      await expect(home.buy(offer, foreign, 1)).to.be.revertedWithCustomError(place, "OfferUnsigned");
    });

    it("once the seller took the offer back, which nobody else can", async () => {
      const { world, place, offer, buy, hashOf } = await load();
      await buy(10);
      await expect(place.connect(world.owner("home")).cancelOffer(offer))
        .to.be.revertedWithCustomError(place, "NotSeller")
        .withArgs(world.owner("home").address);
      await expect(place.connect(world.owner("solar")).cancelOffer(offer))
        .to.emit(place, "OfferCancelled")
        .withArgs(hashOf(offer), offer.seller);
      await expect(buy(1)).to.be.revertedWithCustomError(place, "OfferUsed").withArgs(hashOf(offer), 1, 0);
    });

    it("without the credits, or the seller's leave", async () => {
      const { world, market, place, certificates, buy } = await load();
      await market.credit.connect(world.owner("home")).approve(place, ticksToBaseUnits(PRICE) - 1n);
      await expect(buy(1)).to.be.revertedWithCustomError(market.credit, "ERC20InsufficientAllowance");
      await world.as("solar").setOperator(place, false);
      await expect(buy(1, undefined, "roof")).to.be.revertedWithCustomError(
        certificates,
        "ERC6909InsufficientAllowance",
      );
    });
  });

  describe("bundled with energy", () => {
    it("go to who took it in the same slot, up to what it took", async () => {
      const { world, place, offer, bundle, hashOf } = await load();
      const meter = world.meters.home.address;
      const hash = hashOf({ ...offer, bundled: true });
      await expect(bundle(200)).to.emit(place, "CertificatesBundled").withArgs(hash, meter, S, 200, 200);
      await expect(bundle(101)).to.be.revertedWithCustomError(place, "NotTaken").withArgs(meter, S, 101, 100);
      await bundle(100);
      expect(await place.bundledAt(meter, S)).to.equal(300n);
    });

    it("leave its evidence to the claim", async () => {
      const { world, certificates, proved, bundle, offer } = await load();
      await bundle(300);
      const home = world.owner("home").address;
      await world.as("home").cancel(home, offer.id, 300, home, "own use");
      const { leaf, root, proof } = proved.home;
      await world.as("home").claim(1, leaf, root, proof, 300, POLICY.slot);
      expect((await certificates.cancellationInfo(1)).claimedWh).to.equal(300n);
    });

    it("are not to be had with another's reading, one of another slot, or one that was not settled", async () => {
      const { world, market, place, proved, bundle } = await load();
      await expect(bundle(1, proved.roof))
        .to.be.revertedWithCustomError(place, "ForeignReading")
        .withArgs(world.meters.roof.address, S);
      const { home } = await world.settle(S + 1, { home: { importWh: 5 } });
      await expect(bundle(1, home)).to.be.revertedWithCustomError(place, "ForeignReading");
      const more = { ...proved.home, leaf: { ...proved.home.leaf, importWh: 900 } };
      await expect(bundle(1, more)).to.be.revertedWithCustomError(market.exchange, "UnprovenReading");
    });

    it("are not to be had without a reading, nor others with one", async () => {
      const { place, offer, buy, bundle, proved, hashOf } = await load();
      const bundled = { ...offer, bundled: true };
      await expect(buy(1, bundled))
        .to.be.revertedWithCustomError(place, "OfferBundled")
        .withArgs(hashOf(bundled), true);
      await expect(bundle(1, proved.home, offer))
        .to.be.revertedWithCustomError(place, "OfferBundled")
        .withArgs(hashOf(offer), false);
    });
  });
});
