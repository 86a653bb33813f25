import { FIRST_PAGES } from "../../runtime/cpu/launch.ts";
import { type Opcode, OPCODES } from "./opcodes.ts";

/** Types of locals, parameters and results. */
export type ValueType = "i32" | "v128";

/** Index of a local variable of a function. */
export type Local = number;

const TYPE_CODE: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };
const EMPTY_BLOCK = 0x40;
const SCRATCH = new DataView(new ArrayBuffer(8));

/** Appends an unsigned LEB128 number. */
function pushUnsigned(out: number[], value: number): void {
  let rest = value >>> 0;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  out.push(rest);
}

/** Appends a signed LEB128 number of 32 bits. */
function pushSigned(out: number[], value: number): void {
  let rest = value | 0;
  while (rest < -64 || rest > 63) {
    out.push((rest & 127) | 128);
    rest >>= 7;
  }
  out.push(rest & 127);
}

/** The body of one WebAssembly function under construction. */
export class FunctionBody {
  readonly #bytes: number[] = [];
  readonly #entry: number[] = [];
  readonly #locals: ValueType[] = [];
  readonly #constants: Map<string, Local> = new Map();
  readonly #words: Map<number, Local> = new Map();
  readonly #splats: Map<number, Local> = new Map();
  /** How many i32 parameters the function takes. */
  readonly parameters: number;
  readonly #fused: boolean;

  /**
   * @param parameters How many i32 parameters the function takes: they are locals 0, 1, ….
   * @param fused Whether the engine takes relaxed multiply-add.
   */
  constructor(parameters: number, fused = true) {
    this.parameters = parameters;
    this.#fused = fused;
  }

  /** A fresh local variable. */
  local(type: ValueType): Local {
    return this.parameters + this.#locals.push(type) - 1;
  }

  /** Appends an instruction; `immediates` are bytes that follow it, such as a lane number. */
  op(name: Opcode, ...immediates: number[]): this {
    pushOp(this.#bytes, name);
    for (const byte of immediates) this.#bytes.push(byte);
    return this;
  }

  /** Pushes a local. */
  get(local: Local): this {
    this.#bytes.push(OPCODES["local.get"]);
    pushUnsigned(this.#bytes, local);
    return this;
  }

  /** Pops into a local. */
  set(local: Local): this {
    this.#bytes.push(OPCODES["local.set"]);
    pushUnsigned(this.#bytes, local);
    return this;
  }

  /** Copies the top of the stack into a local. */
  tee(local: Local): this {
    this.#bytes.push(OPCODES["local.tee"]);
    pushUnsigned(this.#bytes, local);
    return this;
  }

  /** Pushes an i32 constant. */
  int(value: number): this {
    this.#bytes.push(OPCODES["i32.const"]);
    pushSigned(this.#bytes, value);
    return this;
  }

  /** A load or store: pops its address; `offset` bytes are added to it. */
  memory(name: Opcode, offset = 0, lane?: number): this {
    pushOp(this.#bytes, name);
    this.#bytes.push(0);
    pushUnsigned(this.#bytes, offset);
    if (lane !== undefined) this.#bytes.push(lane);
    return this;
  }

  /** Opens a block that `br` leaves. */
  block(): this {
    return this.op("block", EMPTY_BLOCK);
  }

  /** Opens a block that `br` repeats. */
  loop(): this {
    return this.op("loop", EMPTY_BLOCK);
  }

  /** Pops a condition and opens a branch. */
  if(): this {
    return this.op("if", EMPTY_BLOCK);
  }

  /** Begins the other branch. */
  else(): this {
    return this.op("else");
  }

  /** Closes a block, loop or branch. */
  end(): this {
    return this.op("end");
  }

  /** Leaves or repeats the block `depth` levels out. */
  br(depth: number): this {
    return this.op("br", depth);
  }

  /** Pops a condition and, where it holds, leaves or repeats the block `depth` levels out. */
  brIf(depth: number): this {
    return this.op("br_if", depth);
  }

  /** Calls a function of the module. */
  call(index: number): this {
    this.op("call");
    pushUnsigned(this.#bytes, index);
    return this;
  }

  /** Applies an operation to locals; the v128 result is a fresh local. */
  v(name: Opcode, ...operands: Local[]): Local {
    for (const operand of operands) this.get(operand);
    const result = this.local("v128");
    return this.op(name).set(result), result;
  }

  /** Pops c, b and a; pushes `a · b + c` of f32 lanes, in one rounding where the processor has it. */
  madd(): this {
    if (this.#fused) return this.op("f32x4.relaxed_madd");
    const c = this.local("v128");
    return this.set(c).op("f32x4.mul").get(c).op("f32x4.add");
  }

  /** `a · b + c` of f32 lanes as a fresh local. */
  fma(a: Local, b: Local, c: Local): Local {
    const result = this.local("v128");
    if (this.#fused) this.get(a).get(b).get(c).op("f32x4.relaxed_madd").set(result);
    else this.get(a).get(b).op("f32x4.mul").get(c).op("f32x4.add").set(result);
    return result;
  }

  /** Applies an operation to locals and an i32 constant pushed last, as shifts take. */
  shift(name: Opcode, operand: Local, bits: number): Local {
    const result = this.local("v128");
    this.get(operand).int(bits).op(name).set(result);
    return result;
  }

  /** Rearranges the bytes of two vectors by 4-byte words: words 0 to 3 are a's, 4 to 7 are b's. */
  shuffleWords(a: Local, b: Local, words: readonly [number, number, number, number]): Local {
    const result = this.local("v128");
    const bytes = words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]);
    this.get(a).get(b).op("i8x16.shuffle", ...bytes).set(result);
    return result;
  }

  /**
   * A vector constant with the same f32 in every lane, set once at entry: V8 would build it anew at each use,
   * while a local costs one load at worst.
   */
  f32(value: number): Local {
    SCRATCH.setFloat32(0, value, true);
    return this.#constant([4, SCRATCH.getInt32(0, true)]);
  }

  /** A vector constant with the same 32 bits in every lane. */
  i32(value: number): Local {
    return this.#constant([4, value | 0]);
  }

  /** A vector constant with the same f64 in both lanes. */
  f64(value: number): Local {
    SCRATCH.setFloat64(0, value, true);
    return this.#constant([8, SCRATCH.getInt32(0, true), SCRATCH.getInt32(4, true)]);
  }

  /** A vector constant of four i32 lanes. */
  lanes(a: number, b: number, c: number, d: number): Local {
    return this.#constant([16, a, b, c, d]);
  }

  #constant(words: readonly number[]): Local {
    const key = words.join();
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const local = this.local("v128");
    this.#constants.set(key, local);
    const period = words.length - 1;
    pushOp(this.#entry, "v128.const");
    for (let lane = 0; lane < 4; lane++) {
      const word = words[1 + (lane % period)]!;
      this.#entry.push(word & 255, (word >> 8) & 255, (word >> 16) & 255, (word >> 24) & 255);
    }
    this.#entry.push(OPCODES["local.set"]);
    pushUnsigned(this.#entry, local);
    return local;
  }

  /** Word `index` of the block of parameters that the function's first parameter points to, read once at entry. */
  word(index: number): Local {
    return this.#entryLoad(this.#words, "i32", "i32.load", index);
  }

  /** The same word in all four lanes. */
  splatWord(index: number): Local {
    return this.#entryLoad(this.#splats, "v128", "v128.load32_splat", index);
  }

  #entryLoad(known: Map<number, Local>, type: ValueType, load: Opcode, index: number): Local {
    let local = known.get(index);
    if (local !== undefined) return local;
    local = this.local(type);
    known.set(index, local);
    this.#entry.push(OPCODES["local.get"], 0);
    pushOp(this.#entry, load);
    this.#entry.push(0);
    pushUnsigned(this.#entry, 4 * index);
    this.#entry.push(OPCODES["local.set"]);
    pushUnsigned(this.#entry, local);
    return local;
  }

  /** Runs `body` with `counter` from its present value, in steps, while it is below `limit` (signed). */
  while(counter: Local, limit: Local, step: number, body: () => void): void {
    this.block().get(counter).get(limit).op("i32.ge_s").brIf(0).loop();
    body();
    this.get(counter).int(step).op("i32.add").tee(counter).get(limit).op("i32.lt_s").brIf(0);
    this.end().end();
  }

  /** Stores an i32 that `push` leaves on the stack in a fresh local. */
  keep(push: () => void): Local {
    push();
    const local = this.local("i32");
    this.set(local);
    return local;
  }

  /** The finished code entry, size first. */
  encode(): number[] {
    const groups: number[] = [];
    let count = 0;
    for (let i = 0; i < this.#locals.length;) {
      let j = i;
      while (j < this.#locals.length && this.#locals[j] === this.#locals[i]) j++;
      pushUnsigned(groups, j - i);
      groups.push(TYPE_CODE[this.#locals[i]!]);
      count++;
      i = j;
    }
    const body: number[] = [];
    pushUnsigned(body, count);
    const out: number[] = [];
    pushUnsigned(out, body.length + groups.length + this.#entry.length + this.#bytes.length + 1);
    return out.concat(body, groups, this.#entry, this.#bytes, OPCODES["end"]);
  }
}

function pushOp(out: number[], name: Opcode): void {
  const code = OPCODES[name];
  if (code > 255) {
    out.push(code >> 16);
    pushUnsigned(out, code & 0xffff);
  } else {
    out.push(code);
  }
}

/**
 * A module whose functions take i32 parameters and give no result. It imports the shared memory `m.m` and exports
 * its last function as `run`.
 *
 * @example
 * ```ts
 * import { encodeModule, FunctionBody } from "./assembler.ts";
 * const f = new FunctionBody(1);
 * f.get(0).int(7).memory("i32.store");
 * const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
 * const module = new WebAssembly.Module(encodeModule([f]));
 * const { run } = new WebAssembly.Instance(module, { m: { m: memory } }).exports;
 * (run as (at: number) => void)(64);
 * console.assert(new Int32Array(memory.buffer)[16] === 7);
 * ```
 */
export function encodeModule(functions: readonly FunctionBody[]): Uint8Array<ArrayBuffer> {
  const parameters = functions.map((f) => f.parameters);
  const kinds = [...new Set(parameters)];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
    section(1, kinds.map((n) => [0x60, n, ...new Array<number>(n).fill(TYPE_CODE.i32), 0])),
    section(2, [[1, 0x6d, 1, 0x6d, 2, 3, FIRST_PAGES, 0x80, 0x80, 4]]),
    section(3, parameters.map((n) => [kinds.indexOf(n)])),
    section(7, [[3, 0x72, 0x75, 0x6e, 0, functions.length - 1]]),
    section(10, functions.map((f) => f.encode())),
  ));
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const count: number[] = [];
  pushUnsigned(count, items.length);
  const body = count.concat(...items);
  const head = [id];
  pushUnsigned(head, body.length);
  return head.concat(body);
}
