import { expect } from "chai";
import { AbiCoder } from "ethers";
import hre from "hardhat";
import { compareBytecode, type Verdict } from "../../../explorer/server/verify/compareBytecode.ts";
import { compileSource, link, type CompiledContract } from "./compileSource.ts";

const source = (comment: string, step = 1) => `
library Steps {
  /// ${comment}
  function add(uint256[1] storage count) external { count[0] += ${step}; }
}
contract Inner {
  /// ${comment}
  function seven() external pure returns (uint256) { return 7; }
}
contract Counter {
  address public immutable owner;
  uint256 public immutable start;
  uint256[1] public count;
  constructor(address owner_, uint256 start_) { owner = owner_; start = start_; count[0] = start_; }
  /// ${comment}
  function add() external { Steps.add(count); }
  function reset() external { require(msg.sender == owner); count[0] = start; }
  function make() external returns (Inner) { return new Inner(); }
}`;

const OWNER = "0x00000000000000000000000000000000000A11cE";
const STRANGER = "0x000000000000000000000000000000000000bEEF";

/** A chain with the library and a contract that uses it. */
async function deploy(contracts: Record<string, CompiledContract>) {
  const { provider } = await hre.network.create();
  const [from] = (await provider.request({ method: "eth_accounts" })) as string[];
  const create = async (data: string): Promise<string> => {
    const hash: unknown = await provider.request({ method: "eth_sendTransaction", params: [{ from, data }] });
    const receipt: unknown = await provider.request({ method: "eth_getTransactionReceipt", params: [hash] });
    return (receipt as { contractAddress: string }).contractAddress;
  };
  const code = async (address: string): Promise<string> =>
    (await provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string;
  const of = (name: string): CompiledContract => {
    const contract = contracts[name];
    if (contract === undefined) throw new Error(name);
    return contract;
  };
  const library = await create(of("Steps").bytecode);
  const args = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [OWNER, 41]).slice(2);
  const counter = await create(link(of("Counter"), { Steps: library }) + args);
  return { library, counter, libraryCode: await code(library), counterCode: await code(counter) };
}

for (const viaIR of [false, true]) {
  describe(`comparison of code on chain with compiled code (${viaIR ? "via IR" : "legacy"})`, () => {
    let contracts: Record<string, CompiledContract>;
    let other: Record<string, CompiledContract>;
    let changed: Record<string, CompiledContract>;
    let chain: Awaited<ReturnType<typeof deploy>>;

    before(async () => {
      contracts = compileSource(source("as it was"), { viaIR });
      other = compileSource(source("another comment"), { viaIR });
      changed = compileSource(source("as it was", 2), { viaIR });
      chain = await deploy(contracts);
    });

    function verdict(deployed: string, compiled = contracts, libraries = { Steps: chain.library }): Verdict {
      const { Counter } = compiled;
      if (Counter === undefined) throw new Error("Counter");
      return compareBytecode({ deployed, compiled: Counter, address: chain.counter, libraries });
    }

    function libraryVerdict(address: string, compiled = contracts): Verdict {
      const { Steps } = compiled;
      if (Steps === undefined) throw new Error("Steps");
      return compareBytecode({ deployed: chain.libraryCode, compiled: Steps, address });
    }

    it("is exact for what was deployed, whatever its constructor set and whichever library it was linked to", () => {
      expect(verdict(chain.counterCode)).to.equal("exact");
      expect(libraryVerdict(chain.library)).to.equal("exact");
    });

    it("is a match where only a comment differs, in the contract or in one that it creates", () => {
      expect(other.Counter?.deployedBytecode).not.to.equal(contracts.Counter?.deployedBytecode);
      expect(verdict(chain.counterCode, other)).to.equal("match");
      expect(libraryVerdict(chain.library, other)).to.equal("match");
    });

    it("is no match where the program differs", () => {
      expect(libraryVerdict(chain.library, changed)).to.equal("no");
      expect(verdict("0x", contracts)).to.equal("no");
      expect(verdict(`${chain.counterCode}00`)).to.equal("no");
    });

    it("is no match for any single flipped bit of the code outside its references and metadata hashes", () => {
      const free = freeBytes(contracts.Counter);
      expect(free.size).to.be.greaterThan(100);
      for (let byte = 0; byte < chain.counterCode.length / 2 - 1; byte += 1) {
        const expected = free.has(byte) ? ["exact", "match", "no"] : ["no"];
        expect(expected, `byte ${byte}`).to.include(verdict(flip(chain.counterCode, byte)));
      }
    });

    it("is no match where one of an immutable's places has another value than the rest", () => {
      const places = Object.values(contracts.Counter?.immutableReferences ?? {}).find((all) => all.length > 1);
      const last = places?.at(-1);
      if (last === undefined) throw new Error("no immutable has two places");
      expect(verdict(flip(chain.counterCode, last.start + last.length - 1))).to.equal("no");
    });

    it("is no match where another library is linked than the deployment's", () => {
      expect(verdict(chain.counterCode, contracts, { Steps: STRANGER })).to.equal("no");
    });

    it("is no match for a library whose own address is another one's", () => {
      expect(libraryVerdict(STRANGER)).to.equal("no");
    });
  });
}

function flip(code: string, byte: number): string {
  const at = 2 + byte * 2;
  const value = Number.parseInt(code.slice(at, at + 2), 16) ^ 1;
  return code.slice(0, at) + value.toString(16).padStart(2, "0") + code.slice(at + 2);
}

/** Bytes that a constructor or the metadata decide, from the compiler's own lists and the metadata's documented form. */
function freeBytes(contract: CompiledContract | undefined): Set<number> {
  const free = new Set<number>();
  const places = [
    ...Object.values(contract?.immutableReferences ?? {}).flat(),
    ...Object.values(contract?.deployedLinkReferences ?? {}).flatMap((inSource) => Object.values(inSource).flat()),
  ];
  const code = contract?.deployedBytecode.slice(2) ?? "";
  for (let at = code.indexOf("697066735822"); at >= 0; at = code.indexOf("697066735822", at + 1)) {
    places.push({ start: at / 2 + 6, length: 34 });
  }
  for (const { start, length } of places) {
    for (let byte = start; byte < start + length; byte += 1) free.add(byte);
  }
  return free;
}
