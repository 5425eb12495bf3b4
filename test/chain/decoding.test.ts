import { expect } from "chai";
import { AbiCoder, getAddress, hexlify, Interface } from "ethers";
import type { EventFragment, ParamType } from "ethers";
import fc from "fast-check";
import { createAbiReader } from "../../src/chain/abiReader.ts";
import { EXCHANGE_ABI, SYSTEM_ERRORS } from "../../src/chain/exchangeAbi.ts";
import { createLogDecoder } from "../../src/chain/logDecoder.ts";
import { createRevertDecoder } from "../../src/chain/revertDecoder.ts";
import { JouleworkError } from "../../src/errors.ts";

const RUNS = { numRuns: 12 };
const POSITION = {
  address: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  blockNumber: 5,
  blockHash: `0x${"ab".repeat(32)}`,
  transactionHash: `0x${"cd".repeat(32)}`,
  transactionIndex: 0,
  logIndex: 2,
};

describe("Decoding", () => {
  const exchange = new Interface(EXCHANGE_ABI);

  describe("of logs", () => {
    const decode = createLogDecoder(EXCHANGE_ABI);

    exchange.forEachEvent((event) => {
      it(`gives the arguments of ${event.name} that ethers gives`, () => {
        fc.assert(
          fc.property(fc.tuple(...event.inputs.map(valueOf)), (values) => {
            const { topics, data } = exchange.encodeEventLog(event, values);
            const parsed = exchange.parseLog({ topics, data });
            const decoded = decode({ ...POSITION, topics, data });
            expect(decoded?.name).to.equal(parsed?.name);
            expect(decoded?.args).to.deep.equal(plain(event.inputs, parsed?.args.toArray() ?? []));
          }),
          RUNS,
        );
      });
    });

    it("says where the log stands, with the checksummed address", () => {
      const log = { ...POSITION, ...exchange.encodeEventLog("MeterSynced", [POSITION.address, 7n]) };
      expect(decode(log)).to.deep.equal({
        name: "MeterSynced",
        args: { meter: getAddress(POSITION.address), word: 7n },
        ...POSITION,
        address: getAddress(POSITION.address),
      });
    });

    it("knows nothing of other contracts' events, even of the same name with other indexed parameters", () => {
      const [topic = ""] = exchange.encodeEventLog("MeterSynced", [POSITION.address, 7n]).topics;
      expect(decode({ ...POSITION, topics: [topic], data: `0x${"00".repeat(64)}` })).to.be.undefined;
      expect(decode({ ...POSITION, topics: [`0x${"11".repeat(32)}`], data: "0x" })).to.be.undefined;
      expect(decode({ ...POSITION, topics: [], data: "0x" })).to.be.undefined;
    });

    it("gives the topics of the events that are asked for", () => {
      expect(decode.topicsOf(["MeterSynced"])).to.deep.equal([exchange.getEvent("MeterSynced")?.topicHash]);
      expect(decode.topicsOf()).to.have.length(events(exchange).length);
    });
  });

  describe("of reverts", () => {
    const errors = new Interface(SYSTEM_ERRORS);
    const decode = createRevertDecoder(SYSTEM_ERRORS);

    errors.forEachError((error) => {
      it(`names ${error.name} and its values as ethers does`, () => {
        fc.assert(
          fc.property(fc.tuple(...error.inputs.map(valueOf)), (values) => {
            const data = errors.encodeErrorResult(error, values);
            const parsed = errors.parseError(data);
            const decoded = decode(data);
            expect(decoded.name).to.equal(error.name);
            expect(decoded.args).to.deep.equal(flat(plain(error.inputs, parsed?.args.toArray() ?? [])));
            expect(decode.nameOf(error.selector)).to.equal(error.name);
          }),
          RUNS,
        );
      });
    });

    it("tells plain reasons, the compiler's checks, unknown errors and missing reasons apart", () => {
      const encode = (signature: string, type: string, value: unknown): string =>
        signature + AbiCoder.defaultAbiCoder().encode([type], [value]).slice(2);
      expect(decode(encode("0x08c379a0", "string", "too late")).text).to.equal("Error(reason = too late)");
      expect(decode(encode("0x4e487b71", "uint256", 0x11)).text).to.equal("arithmetic overflow");
      expect(decode(encode("0x4e487b71", "uint256", 0x99)).text).to.equal("panic 153");
      expect(decode("0x11223344").text).to.equal("an error that the interface does not know (0x11223344)");
      expect(decode("0x").text).to.equal("no reason given");
    });

    it("names an error whose data is cut off", () => {
      expect(decode("0x08c379a000").text).to.equal("Error with data that does not fit it");
    });
  });

  describe("of values", () => {
    const word = (hex: string): string => hex.padStart(64, "0");

    it("refuses a word that its type cannot hold", () => {
      for (const [type, hex] of [
        ["uint24", "1000000"],
        ["bool", "2"],
        ["uint56", "100000000000000"],
        ["int24", "800000"],
      ] as const) {
        const read = (): unknown => createAbiReader({ name: "value", type }).read(word(hex), 0, 0);
        expect(read, type).to.throw(JouleworkError, "a value that its type cannot");
      }
    });

    it("refuses an energy that a number cannot hold exactly, and gives others as numbers", () => {
      const reader = createAbiReader({ name: "usedWh", type: "uint256" });
      expect(reader.read(word("1fffffffffffff"), 0, 0)).to.equal(Number.MAX_SAFE_INTEGER);
      expect(() => reader.read(word("20000000000000"), 0, 0)).to.throw(JouleworkError, "a value that its type cannot");
    });

    it("refuses data that ends too early, an array of a length that nobody could send among it", () => {
      expect(() => createAbiReader({ name: "a", type: "address" }).read("00", 0, 0)).to.throw(
        JouleworkError,
        "ends too early",
      );
      const array = createAbiReader({ name: "a", type: "address[]" });
      expect(() => array.read(word("20") + word("2") + word("1"), 0, 0)).to.throw(JouleworkError, "ends too early");
      expect(() => array.read(word("20") + "f".repeat(64), 0, 0)).to.throw(JouleworkError);
    });

    it("refuses a type that it does not read", () => {
      expect(() => createAbiReader({ name: "a", type: "uint256[2]" })).to.throw(JouleworkError, "does not read");
    });
  });
});

function events(of: Interface): EventFragment[] {
  const found: EventFragment[] = [];
  of.forEachEvent((event) => found.push(event));
  return found;
}

/** Random values of a parameter, the extremes of its type among them. */
function valueOf(parameter: ParamType): fc.Arbitrary<unknown> {
  const { type, baseType } = parameter;
  if (baseType === "array" && parameter.arrayChildren !== null) {
    return fc.array(valueOf(parameter.arrayChildren), { maxLength: 3 });
  }
  if (baseType === "tuple") return fc.tuple(...(parameter.components ?? []).map(valueOf));
  if (type === "bool") return fc.boolean();
  if (type === "string") return fc.string({ unit: "grapheme" });
  if (type === "bytes") return fc.uint8Array({ maxLength: 70 }).map((bytes) => hexlify(bytes));
  const bytes = type === "address" ? 20 : Number(/^bytes(\d+)$/.exec(type)?.[1] ?? 0);
  if (bytes > 0) return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => hexlify(value));
  // What an energy's type could hold beyond 2^53 never occurs, and is refused.
  const bits = Math.min(Number(/\d+/.exec(type)?.[0]), parameter.name.endsWith("Wh") ? 53 : 256);
  if (type.startsWith("int")) return fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
  return fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
}

/** What ethers decoded, in the forms that the library promises. */
function plain(parameters: readonly ParamType[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    parameters.map((parameter, place) => [parameter.name, plainValue(parameter, values[place])]),
  );
}

/** A struct among the values of an error is told as text. */
function flat(values: Record<string, unknown>): Record<string, unknown> {
  const told = (value: unknown): unknown => (typeof value === "object" ? JSON.stringify(value) : value);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, told(value)]));
}

function plainValue(parameter: ParamType, value: unknown): unknown {
  if (parameter.baseType === "tuple") return plain(parameter.components ?? [], [...(value as Iterable<unknown>)]);
  if (typeof value !== "bigint") return value;
  const bits = Number(/\d+/.exec(parameter.type)?.[0]);
  return bits <= 48 || parameter.name.endsWith("Wh") ? Number(value) : value;
}
