import { expect } from "chai";
import hre from "hardhat";
import { deploySeasonWorld, GOAL, SEASON_SLOTS, START, title, type SeasonWorld, type WorldMeter } from "./world.ts";

const END = START + SEASON_SLOTS - 1;

/** A site of tier 2 that concluded season 1 with 600 points; quests ask for 600 and 601 points, tier 2 and two seasons. */
async function concluded(before?: (world: SeasonWorld, meter: WorldMeter) => Promise<void>) {
  const world = await deploySeasonWorld(await hre.network.create());
  const owner = world.signer(10);
  const badges = world.badges.connect(world.signer(1));
  await badges.addQuest(GOAL.points, 600, title("Sun chaser"));
  await badges.addQuest(GOAL.points, 601, title("Sun hunter"));
  await badges.addQuest(GOAL.tier, 2, title("Tier-2 partner"));
  await badges.addQuest(GOAL.streak, 2, title("Two in a row"));
  await badges.addQuest(GOAL.shedWh, 1, title("Peak cutter"));
  const meter = await world.addMeter({ tier: 2 });
  await world.setSite(7, owner, [meter]);
  await world.seasons.connect(owner).enrol(1, 7);
  await world.exchange.setScarcity(1, START + 10, -400_000);
  await world.seasons.connect(owner).prove(1, 7, await world.settle(meter, [{ slot: START + 10, importWh: 1_500 }]));
  await before?.(world, meter);
  await world.readThrough(meter, END);
  await world.mineAt(END + 1);
  await world.seasons.connect(owner).conclude(1, 7, []);
  return world;
}

/** The site sheds 130 Wh on Thursday at 18:00, for no whole point; a sixth quest asks for one season. */
async function shed(world: SeasonWorld, meter: WorldMeter): Promise<void> {
  const day = 96;
  const event = START + 3 * day + 72;
  await world.badges.connect(world.signer(1)).addQuest(GOAL.streak, 1, title("Newcomer"));
  await world.mineAt(event - 40);
  await world.seasons.connect(world.signer(3)).callEvent(1, event, 1, 1);
  const days = await world.settle(
    meter,
    [230, 230, 230, 100].map((importWh, index) => ({ slot: event - (3 - index) * day, importWh })),
  );
  const seasons = world.seasons.connect(world.signer(10));
  await seasons.prove(1, 7, days);
  const now = days.pop();
  if (now === undefined) throw new Error("nothing was read");
  await seasons.claimEvent(1, event, 7, [...days.reverse(), now]);
}

const idOf = (quest: number) => (BigInt(quest) << 64n) | (1n << 32n) | 7n;

interface Metadata {
  readonly name: string;
  readonly image: string;
  readonly attributes: readonly { readonly trait_type: string; readonly value: string | number }[];
}

function decode(uri: string, kind: string): string {
  const prefix = `data:${kind};base64,`;
  expect(uri.startsWith(prefix), uri.slice(0, 60)).to.equal(true);
  return Buffer.from(uri.slice(prefix.length), "base64").toString("utf8");
}

/** Checks that markup is well formed and returns its element names and texts: a strict parser for what badges use. */
function parseMarkup(markup: string): { names: string[]; texts: string[] } {
  const [names, texts, open]: [string[], string[], string[]] = [[], [], []];
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)(\/?)>|([^<>&]+)/y;
  while (token.lastIndex < markup.length) {
    const at = token.lastIndex;
    const match = token.exec(markup);
    if (match === null) throw new Error(`not well formed at ${String(at)}: ${markup.slice(at, at + 40)}`);
    const [, closing, name, , empty, text] = match;
    if (text !== undefined) texts.push(text);
    else if (closing === "/") expect(open.pop()).to.equal(name);
    else if (name !== undefined) {
      names.push(name);
      if (empty !== "/") open.push(name);
    }
  }
  expect(open).to.deep.equal([]);
  return { names, texts };
}

describe("quests and their badges", () => {
  it("are given once to whoever owned the site at its conclusion", async () => {
    const world = await concluded();
    const { badges } = world;
    const owner = world.signer(10).address;
    await world.setSite(7, world.signer(12), []);
    await expect(badges.claimBadge(1, 1, 7))
      .to.emit(badges, "BadgeEarned")
      .withArgs(1, 1, 7, owner, 600)
      .and.to.emit(badges, "Locked")
      .withArgs(idOf(1));
    expect(await badges.ownerOf(idOf(1))).to.equal(owner);
    await expect(badges.claimBadge(1, 1, 7))
      .to.be.revertedWithCustomError(badges, "BadgeExists")
      .withArgs(idOf(1));
    await badges.claimBadge(3, 1, 7);
    expect(await badges.balanceOf(owner)).to.equal(2n);
    expect(await badges.badge(idOf(3))).to.deep.equal([3n, 1n, 7n, 2n, 2n, "Tier-2 partner"]);
  });

  it("are refused where the goal was missed, the season not concluded or the quest unknown", async () => {
    const { badges } = await concluded();
    const missed = [
      { quest: 2, value: 600, threshold: 601 },
      { quest: 4, value: 1, threshold: 2 },
      { quest: 5, value: 0, threshold: 1 },
    ];
    for (const { quest, value, threshold } of missed) {
      await expect(badges.claimBadge(quest, 1, 7))
        .to.be.revertedWithCustomError(badges, "QuestMissed")
        .withArgs(quest, value, threshold);
    }
    await expect(badges.claimBadge(1, 1, 8))
      .to.be.revertedWithCustomError(badges, "NotConcluded")
      .withArgs(1, 8);
    await expect(badges.claimBadge(1, 2, 7))
      .to.be.revertedWithCustomError(badges, "NotConcluded")
      .withArgs(2, 7);
    for (const quest of [0, 6]) {
      await expect(badges.claimBadge(quest, 1, 7)).to.be.revertedWithCustomError(badges, "UnknownQuest");
    }
  });

  it("begin with the season under way and end with the one they are ended in", async () => {
    const world = await concluded();
    const badges = world.badges.connect(world.signer(1));
    // Season 2 is under way.
    await expect(badges.addQuest(GOAL.points, 1, title("Late")))
      .to.emit(badges, "QuestAdded")
      .withArgs(6, GOAL.points, 1, 2, title("Late"));
    await expect(badges.claimBadge(6, 1, 7))
      .to.be.revertedWithCustomError(badges, "UnknownQuest")
      .withArgs(6, 1);
    await expect(badges.endQuest(1)).to.emit(badges, "QuestEnded").withArgs(1, 2);
    await expect(badges.endQuest(1)).to.be.revertedWithCustomError(badges, "UnknownQuest").withArgs(1, 2);
    await expect(badges.claimBadge(1, 3, 7))
      .to.be.revertedWithCustomError(badges, "UnknownQuest")
      .withArgs(1, 3);
    await badges.claimBadge(1, 1, 7);
    expect(await badges.questCount()).to.equal(6n);
    expect((await badges.questInfo(1)).throughSeason).to.equal(2n);
    await expect(world.badges.endQuest(2)).to.be.revertedWithCustomError(badges, "AccessManagedUnauthorized");
    await expect(world.badges.addQuest(GOAL.points, 1, title("x"))).to.be.revertedWithCustomError(
      badges,
      "AccessManagedUnauthorized",
    );
  });

  it("are at most as many as their numbers go up to", async () => {
    const world = await concluded();
    const badges = world.badges.connect(world.signer(1));
    const { networkHelpers } = world.connection;
    // Where the contract keeps how many there are.
    const [address, place] = [await badges.getAddress(), 7];
    expect(BigInt(await networkHelpers.getStorageAt(address, place))).to.equal(5n);
    await networkHelpers.setStorageAt(address, place, 65_534);
    await expect(badges.addQuest(GOAL.points, 1, title("Last")))
      .to.emit(badges, "QuestAdded")
      .withArgs(65_535, GOAL.points, 1, 2, title("Last"));
    await expect(badges.addQuest(GOAL.points, 1, title("One more")))
      .to.be.revertedWithCustomError(badges, "BadParameter")
      .withArgs(title("quests"), 65_535);
  });

  it("have a title that needs no escaping, and a threshold", async () => {
    const world = await deploySeasonWorld(await hre.network.create());
    const badges = world.badges.connect(world.signer(1));
    const long = title("The longest title 31 characters");
    await badges.addQuest(GOAL.points, 1, long);
    await badges.addQuest(GOAL.points, 1, `0x${"41".repeat(32)}`);
    for (const bad of ['a"b', "a<b", "a&b", "a\\b", "a{b", "é", "a@b", "a[b", "a/b", "a:b", "a,b"]) {
      await expect(badges.addQuest(GOAL.points, 1, title(bad)), bad)
        .to.be.revertedWithCustomError(badges, "BadParameter")
        .withArgs(title("title"), bad === "é" ? 0 : 1);
    }
    await expect(badges.addQuest(GOAL.points, 1, title(""))).to.be.revertedWithCustomError(badges, "BadParameter");
    await expect(badges.addQuest(GOAL.points, 1, `0x410041${"00".repeat(29)}`))
      .to.be.revertedWithCustomError(badges, "BadParameter")
      .withArgs(title("title"), 2);
    await expect(badges.addQuest(GOAL.points, 0, title("x")))
      .to.be.revertedWithCustomError(badges, "BadParameter")
      .withArgs(title("threshold"), 0);
  });
});

describe("a badge", () => {
  it("is neither transferred nor approved nor burned, and says so", async () => {
    const world = await concluded();
    const badges = world.badges.connect(world.signer(10));
    const [owner, other] = [world.signer(10).address, world.signer(11).address];
    await badges.claimBadge(1, 1, 7);
    const id = idOf(1);
    expect(await badges.locked(id)).to.equal(true);
    await expect(badges.locked(id + 1n)).to.be.revertedWithCustomError(badges, "ERC721NonexistentToken");
    await expect(badges.transferFrom(owner, other, id)).to.be.revertedWithCustomError(badges, "BadgeLocked");
    await expect(badges["safeTransferFrom(address,address,uint256)"](owner, other, id)).to.be.revertedWithCustomError(
      badges,
      "BadgeLocked",
    );
    await expect(badges.approve(other, id)).to.be.revertedWithCustomError(badges, "BadgeLocked");
    await expect(badges.setApprovalForAll(other, true)).to.be.revertedWithCustomError(badges, "BadgeLocked");
    const interfaces = { erc165: "0x01ffc9a7", erc721: "0x80ac58cd", metadata: "0x5b5e139f", erc5192: "0xb45a3c0e" };
    for (const [name, id165] of Object.entries(interfaces)) {
      expect(await badges.supportsInterface(id165), name).to.equal(true);
    }
    expect(await badges.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("carries its picture and attributes on chain, as valid JSON and SVG", async () => {
    const { badges } = await concluded();
    await badges.claimBadge(1, 1, 7);
    const metadata = JSON.parse(decode(await badges.tokenURI(idOf(1)), "application/json")) as Metadata;
    expect(metadata.name).to.equal("Sun chaser");
    expect(metadata.attributes).to.deep.equal([
      { trait_type: "Season", value: 1 },
      { trait_type: "Site", value: 7 },
      { trait_type: "Reached", value: "600 points" },
    ]);
    const { names, texts } = parseMarkup(decode(metadata.image, "image/svg+xml"));
    expect(names).to.deep.equal(["svg", "rect", "path", "text", "text", "text"]);
    expect(texts).to.deep.equal(["Sun chaser", "600 points", "Season 1, site 7"]);
    await expect(badges.tokenURI(idOf(2))).to.be.revertedWithCustomError(badges, "ERC721NonexistentToken");
  });

  it("says what was reached in the unit of its goal", async () => {
    const { badges } = await concluded(shed);
    for (const [quest, reached] of [
      [3, "2 tier"],
      [5, "130 Wh shed"],
      [6, "1 seasons in a row"],
    ] as const) {
      await badges.claimBadge(quest, 1, 7);
      const metadata = JSON.parse(decode(await badges.tokenURI(idOf(quest)), "application/json")) as Metadata;
      expect(metadata.attributes[2]).to.deep.equal({ trait_type: "Reached", value: reached });
      expect(parseMarkup(decode(metadata.image, "image/svg+xml")).texts[1]).to.equal(reached);
    }
  });
});
