import { expect } from "chai";
import { Wallet } from "ethers";
import type { z } from "zod";
import { plainCall } from "../../../src/chain/calls.ts";
import * as shapes from "./shapes.ts";
import { startWorld, type World } from "./world.ts";

type Result = z.output<typeof shapes.searchResult>;

/** Transactions of one account in each block that has any: blocks of all sizes around a page's. */
const BLOCK_SIZES = [1, 1, 4, 0, 2, 1, 9, 0, 0, 1, 3, 3, 1, 5, 1, 1, 2];

describe("Otterscan's search through an address's history", () => {
  let world: World;
  let [sender, receiver, bystander] = ["", "", ""];
  /** The history as the chain's blocks tell it, newest first. */
  let history: readonly string[];

  before(async () => {
    world = await startWorld();
    [, sender = "", receiver = "", bystander = ""] = world.accounts;
    for (const [block, size] of BLOCK_SIZES.entries()) {
      await world.inOneBlock(async () => {
        for (let count = 0; count < size; count += 1) {
          // It sends and receives by turns; others' transactions lie in between.
          await (block % 2 === 0 ? world.transfer(sender, receiver, 1) : world.transfer(receiver, sender, 1));
          await world.transfer(bystander, receiver, 1);
        }
      });
    }
    await world.index();
    history = await scan(sender);
  });

  after(() => world.stop());

  /** Every transaction of the chain from or to the account, read block by block. */
  async function scan(account: string): Promise<string[]> {
    const newest = Number(await world.rpc.call(plainCall("eth_blockNumber")));
    const found: string[] = [];
    for (let number = newest; number >= 0; number -= 1) {
      const block = await world.rpc.call(plainCall("eth_getBlockByNumber", [`0x${number.toString(16)}`, true]));
      const { transactions } = block as { transactions: { hash: string; from: string; to: string | null }[] };
      const ours = transactions.filter(({ from, to }) => [from, to].includes(account.toLowerCase()));
      found.push(...ours.map(({ hash }) => hash).reverse());
    }
    return found;
  }

  async function search(direction: "Before" | "After", block: number, pageSize: number, account = sender) {
    const answer = await world.result(`ots_searchTransactions${direction}`, account, block, pageSize);
    return shapes.searchResult.parse(answer);
  }

  const hashesOf = ({ txs }: Result): string[] => txs.map(({ hash }) => hash);
  const blockOf = (transaction: Result["txs"][number] | undefined): number => Number(transaction?.blockNumber);

  it("scans some history", () => {
    expect(history).to.have.length(BLOCK_SIZES.reduce((sum, size) => sum + size, 0));
  });

  for (const pageSize of [1, 2, 3, 5, 7, 25, 100]) {
    it(`goes back through all of it without gap or repeat, ${pageSize} at a time`, async () => {
      const walked: string[] = [];
      let page = await search("Before", 0, pageSize);
      expect(page.firstPage).to.equal(true);
      for (;;) {
        walked.push(...hashesOf(page));
        if (page.lastPage) break;
        expect(page.txs.length).to.be.at.least(pageSize);
        page = await search("Before", blockOf(page.txs.at(-1)), pageSize);
        expect(page.firstPage).to.equal(false);
      }
      expect(walked).to.deep.equal(history);
    });

    it(`goes forward through all of it without gap or repeat, ${pageSize} at a time`, async () => {
      let walked: string[] = [];
      let page = await search("After", 0, pageSize);
      expect(page.lastPage).to.equal(true);
      for (;;) {
        walked = [...hashesOf(page), ...walked];
        if (page.firstPage) break;
        expect(page.txs.length).to.be.at.least(pageSize);
        page = await search("After", blockOf(page.txs[0]), pageSize);
        expect(page.lastPage).to.equal(false);
      }
      expect(walked).to.deep.equal(history);
    });
  }

  it("never ends a page within a block, and is longer than asked for only by the rest of its last block", async () => {
    for (let pageSize = 1; pageSize <= 12; pageSize += 1) {
      const { txs } = await search("Before", 0, pageSize);
      const last = blockOf(txs[pageSize - 1]);
      const whole = await search("Before", 0, 100);
      expect(txs.filter((one) => blockOf(one) === last)).to.deep.equal(
        whole.txs.filter((one) => blockOf(one) === last),
      );
      for (const one of txs.slice(pageSize)) expect(blockOf(one)).to.equal(last);
    }
  });

  it("gives each transaction as the node does, with its receipt and its block's time", async () => {
    const { txs, receipts } = await search("Before", 0, 100);
    expect(receipts).to.have.length(txs.length);
    for (const [place, transaction] of txs.entries()) {
      expect(await world.rpc.call(plainCall("eth_getTransactionByHash", [transaction.hash]))).to.deep.equal(
        transaction,
      );
      const { timestamp, ...receipt } = receipts[place] ?? { timestamp: 0 };
      expect(await world.rpc.call(plainCall("eth_getTransactionReceipt", [transaction.hash]))).to.deep.equal(receipt);
      const block = await world.rpc.call(plainCall("eth_getBlockByNumber", [transaction.blockNumber, false]));
      expect(timestamp).to.equal(Number((block as { timestamp: string }).timestamp));
    }
  });

  it("begins a contract's history with its creation", async () => {
    const { txs } = await search("After", 0, 1, world.address);
    expect(txs.map(({ to, from }) => [to, from])).to.deep.equal([[null, world.accounts[0]?.toLowerCase()]]);
  });

  it("has one empty page, the first and last, of an address that nobody used", async () => {
    const empty = { txs: [], receipts: [], firstPage: true, lastPage: true };
    const unused = Wallet.createRandom().address;
    expect(await search("Before", 0, 25, unused)).to.deep.equal(empty);
    expect(await search("After", 0, 25, unused)).to.deep.equal(empty);
  });

  it("refuses pages without a size, or beyond the limit", async () => {
    for (const size of [0, 101, 2.5, "25"]) {
      const { error } = await world.ask("ots_searchTransactionsBefore", sender, 0, size);
      expect(error?.code, String(size)).to.equal(-32602);
    }
  });
});
