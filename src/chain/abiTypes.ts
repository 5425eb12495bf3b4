/** A parameter of an event, error or function, as in the JSON ABI. */
export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiParameter[];
}

/** An entry of a JSON ABI, as the compiler and TypeChain's factories give it. */
export interface AbiEntry {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
  readonly stateMutability?: string;
  readonly anonymous?: boolean;
}

export type Abi = readonly AbiEntry[];

/** Integers of at most this many bits are exact as a JavaScript number and are given as one. */
export const NUMBER_BITS = 48;
type NumberBits = 8 | 16 | 24 | 32 | 40 | 48;

type ElementaryValue<Type extends string, Name extends string> = Type extends "bool"
  ? boolean
  : Type extends "address" | "string" | `bytes${string}`
    ? string
    : Type extends `int${NumberBits}` | `uint${NumberBits}`
      ? number
      : Type extends `int${string}` | `uint${string}`
        ? Name extends `${string}Wh`
          ? number
          : bigint
        : never;

/**
 * What a parameter becomes in TypeScript. Integers up to 48 bits and every energy (a name that ends in `Wh`) are numbers,
 * other integers bigints, addresses checksummed, bytes hexadecimal, structs objects.
 */
export type ValueOf<P extends AbiParameter> = P["type"] extends `${infer Item}[]`
  ? readonly ValueOf<Retyped<P, Item>>[]
  : P["type"] extends "tuple"
    ? P extends { readonly components: infer C extends readonly AbiParameter[] }
      ? ArgsOf<C>
      : never
    : ElementaryValue<P["type"], P["name"]>;

type Retyped<P extends AbiParameter, Type extends string> = P extends {
  readonly components: infer C extends readonly AbiParameter[];
}
  ? { readonly name: P["name"]; readonly type: Type; readonly components: C }
  : { readonly name: P["name"]; readonly type: Type };

/** Parameters by name. */
export type ArgsOf<Ps extends readonly AbiParameter[]> = {
  readonly [P in Ps[number] as P["name"]]: ValueOf<P>;
};

/** Where a log stands in the chain. */
export interface LogPosition {
  readonly address: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

type EventEntry = AbiEntry & {
  readonly type: "event";
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
};

type Decoded<E> = E extends EventEntry
  ? LogPosition & { readonly name: E["name"]; readonly args: ArgsOf<E["inputs"]> }
  : never;

/** Names of the events of an ABI. */
export type EventNameOf<A extends Abi> = Extract<A[number], EventEntry>["name"];

/** Every event of an ABI with its arguments: a union that `name` discriminates. */
export type EventOf<A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>> = Decoded<
  Extract<A[number], EventEntry & { readonly name: Name }>
>;

type ViewEntry = AbiEntry & {
  readonly type: "function";
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
  readonly outputs: readonly AbiParameter[];
};

/** Names of the functions of an ABI. */
export type FunctionNameOf<A extends Abi> = Extract<A[number], ViewEntry>["name"];

type FunctionOf<A extends Abi, Name extends FunctionNameOf<A>> = Extract<
  A[number],
  ViewEntry & { readonly name: Name }
>;

/** What a function returns: the value itself, or several by name. */
export type ResultOf<A extends Abi, Name extends FunctionNameOf<A>> = FunctionOf<A, Name>["outputs"] extends readonly [
  infer P extends AbiParameter,
]
  ? ValueOf<P>
  : ArgsOf<FunctionOf<A, Name>["outputs"]>;

/** What a parameter may be given as: integers as number or bigint. */
export type InputOf<P extends AbiParameter> = P["type"] extends `${infer Item}[]`
  ? readonly InputOf<Retyped<P, Item>>[]
  : P["type"] extends "tuple"
    ? P extends { readonly components: infer C extends readonly AbiParameter[] }
      ? { readonly [Q in C[number] as Q["name"]]: InputOf<Q> }
      : never
    : P["type"] extends `int${string}` | `uint${string}`
      ? number | bigint
      : ElementaryValue<P["type"], P["name"]>;

/** The arguments of a function. */
export type InputsOf<A extends Abi, Name extends FunctionNameOf<A>> = InputTuple<FunctionOf<A, Name>["inputs"]>;

type InputTuple<Ps extends readonly AbiParameter[]> = { readonly [K in keyof Ps]: InputOf<Ps[K]> };
