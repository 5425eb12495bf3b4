import { share, word } from "./record";

// C[i, j] = start[i, j] + A[i, 0] * B[0, j] + A[i, 1] * B[1, j] + ... : a multiplication, then an addition, in this order.
// Lanes are columns, so an element's sum lies in one lane from its first term to its last.
//
// Words: 1 C, 2 A, 3 B, 4 start (0: zeros); 5 rows, 6 columns, 7 inner; strides: 8 C row, 9 A row, 10 A inner,
// 11 B inner, 12 B column, 13 start row (0: the same for all); 14 outer and 15 inner number of products, with their
// strides: 16 C outer, 17 A outer, 18 B outer, 19 C inner, 20 A inner, 21 B inner; 22 mask; 23 scratch, 24 its bytes.

/** Only elements with column <= row are asked for; the others are left undefined. */
const MASK_COLUMNS: usize = 1;
/** A[i, k] is zero for k > i, and these terms are left out. */
const MASK_INNER_UP_TO_ROW: usize = 2;
/** A[i, k] is zero for k < i, and these terms are left out. */
const MASK_INNER_FROM_ROW: usize = 3;

const TEMPORARY_BYTES: usize = 128;

export function matmul(record: usize, thread: u32, threads: u32): void {
  const rows = word(record, 5);
  const outer = word(record, 14);
  const inner = word(record, 15);
  const strips = (rows + 3) >> 2;
  const products = outer * inner;
  const c = word(record, 1);
  const a = word(record, 2);
  const b = word(record, 3);
  if (products == 1) {
    product(record, c, a, b, share(strips, thread, threads), share(strips, thread + 1, threads), thread);
    return;
  }
  const end = share(products, thread + 1, threads);
  for (let index = share(products, thread, threads); index < end; ++index) {
    const i = index / inner;
    const j = index - i * inner;
    product(
      record,
      c + i * word(record, 16) + j * word(record, 19),
      a + i * word(record, 17) + j * word(record, 20),
      b + i * word(record, 18) + j * word(record, 21),
      0,
      strips,
      thread,
    );
  }
}

/** The strips [from, to) of four rows of one product. */
function product(record: usize, c: usize, a: usize, b: usize, from: usize, to: usize, thread: u32): void {
  const rows = word(record, 5);
  const columns = word(record, 6);
  const inner = word(record, 7);
  const cRow = word(record, 8);
  const bInner = word(record, 11);
  const bColumn = word(record, 12);
  const start = word(record, 4);
  const startRow = word(record, 13);
  const mask = word(record, 22);
  const temporary = word(record, 23) + <usize>thread * word(record, 24);
  const panel = temporary + TEMPORARY_BYTES;
  const strips = panel + (inner << 5);

  let aRow = word(record, 9);
  let aInner = word(record, 10);
  // Rows whose terms lie apart, or that do not fill a strip, are gathered into strips once and read once a panel.
  const gathered = aInner != 4 || (rows & 3) != 0;
  if (gathered) {
    for (let strip = from; strip < to; ++strip) {
      packStrip(strips + (strip - from) * (inner << 4), a, aRow, aInner, strip << 2, rows, inner);
    }
    aRow = 4;
    aInner = 16;
  }

  for (let column: usize = 0; column < columns; column += 8) {
    packPanel(panel, b + column * bColumn, bInner, bColumn, inner, columns - column);
    const first = mask == MASK_COLUMNS && column >> 2 > from ? column >> 2 : from;
    for (let strip = first; strip < to; ++strip) {
      const row = strip << 2;
      let k0: usize = 0;
      let k1 = inner;
      if (mask == MASK_INNER_UP_TO_ROW && row + 4 < inner) k1 = row + 4;
      if (mask == MASK_INNER_FROM_ROW && row < inner) k0 = row;
      const rowAddress = gathered ? strips + (strip - from) * (inner << 4) : a + row * aRow;
      const startAddress = start == 0 ? start : start + row * startRow + (column << 2);
      const cAddress = c + row * cRow + (column << 2);
      const terms = rowAddress + k0 * aInner;
      if (row + 4 <= rows && column + 8 <= columns) {
        tile(cAddress, cRow, terms, aRow, aInner, panel + (k0 << 5), k1 - k0, startAddress, startRow);
      } else {
        edge(
          temporary,
          cAddress,
          cRow,
          terms,
          aRow,
          aInner,
          panel + (k0 << 5),
          k1 - k0,
          startAddress,
          startRow,
          rows - row < 4 ? rows - row : 4,
          columns - column < 8 ? columns - column : 8,
        );
      }
    }
  }
}

/** Four rows as [inner][4]; a missing row repeats the last one, and its results are dropped. */
function packStrip(to: usize, a: usize, aRow: usize, aInner: usize, row: usize, rows: usize, inner: usize): void {
  if (aRow == 4 && row + 4 <= rows) {
    let from = a + (row << 2);
    for (let k: usize = 0; k < inner; ++k) {
      v128.store(to + (k << 4), v128.load(from));
      from += aInner;
    }
    return;
  }
  for (let i: usize = 0; i < 4; ++i) {
    let from = a + (row + i < rows ? row + i : rows - 1) * aRow;
    for (let k: usize = 0; k < inner; ++k) {
      store<f32>(to + (k << 4) + (i << 2), load<f32>(from));
      from += aInner;
    }
  }
}

/** Eight columns as [inner][8]; missing columns are zero. */
function packPanel(to: usize, b: usize, bInner: usize, bColumn: usize, inner: usize, columns: usize): void {
  if (bColumn == 4 && columns >= 8) {
    for (let k: usize = 0; k < inner; ++k) {
      v128.store(to, v128.load(b));
      v128.store(to + 16, v128.load(b + 16));
      b += bInner;
      to += 32;
    }
    return;
  }
  for (let j: usize = 0; j < 8; ++j) {
    let from = b + j * bColumn;
    let address = to + (j << 2);
    const missing = j >= columns;
    for (let k: usize = 0; k < inner; ++k) {
      store<f32>(address, missing ? 0 : load<f32>(from));
      from += bInner;
      address += 32;
    }
  }
}

/** Four rows by eight columns. */
function tile(
  c: usize,
  cRow: usize,
  a: usize,
  aRow: usize,
  aInner: usize,
  b: usize,
  inner: usize,
  start: usize,
  startRow: usize,
): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (start != 0) {
    s00 = v128.load(start);
    s01 = v128.load(start + 16);
    start += startRow;
    s10 = v128.load(start);
    s11 = v128.load(start + 16);
    start += startRow;
    s20 = v128.load(start);
    s21 = v128.load(start + 16);
    start += startRow;
    s30 = v128.load(start);
    s31 = v128.load(start + 16);
  }
  let a0 = a;
  let a1 = a0 + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  const end = b + (inner << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b + 16);
    const x0 = v128.load32_splat(a0);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a0 += aInner;
    a1 += aInner;
    a2 += aInner;
    a3 += aInner;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c + 16, s01);
  c += cRow;
  v128.store(c, s10);
  v128.store(c + 16, s11);
  c += cRow;
  v128.store(c, s20);
  v128.store(c + 16, s21);
  c += cRow;
  v128.store(c, s30);
  v128.store(c + 16, s31);
}

/** A tile with fewer than four rows or eight columns, through a whole one beside it. */
function edge(
  temporary: usize,
  c: usize,
  cRow: usize,
  a: usize,
  aRow: usize,
  aInner: usize,
  b: usize,
  inner: usize,
  start: usize,
  startRow: usize,
  rows: usize,
  columns: usize,
): void {
  memory.fill(temporary, 0, TEMPORARY_BYTES);
  if (start != 0) {
    for (let i: usize = 0; i < rows; ++i) memory.copy(temporary + (i << 5), start + i * startRow, columns << 2);
  }
  tile(temporary, 32, a, aRow, aInner, b, inner, temporary, 32);
  for (let i: usize = 0; i < rows; ++i) memory.copy(c + i * cRow, temporary + (i << 5), columns << 2);
}
