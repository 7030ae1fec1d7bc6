// The inner parts of a matrix product after K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication"
// (ACM TOMS 34, 2008): panels of A (5 rows) and of B (two vectors, that is 4 doubles or 8 floats, wide) are packed so that the micro-kernel
// reads both from end to end, and a 5 × 4 (5 × 8) tile of C stays in registers for all of k. Ten sums, for a multiply-add takes four steps of
// the clock until its sum is there, and two can begin in each. The caller lays out the memory; nothing is allocated here.

/** Rows of a panel of A. */
const HEIGHT = 5;

/** Packs `rows` × `depth` dense elements of A into panels of 5 rows, each k-major; rows that are missing become 0. */
export function packA64(from: usize, to: usize, rows: i32, depth: i32): void {
  packRows<f64>(from, to, rows, depth);
}

export function packA32(from: usize, to: usize, rows: i32, depth: i32): void {
  packRows<f32>(from, to, rows, depth);
}

/** Packs `depth` × `cols` dense elements of B into panels of 4 columns (8 of floats), `panelBytes` from one to the next. */
export function packB64(from: usize, to: usize, depth: i32, cols: i32, panelBytes: usize): void {
  packCols<f64>(from, to, depth, cols, panelBytes, 4);
}

export function packB32(from: usize, to: usize, depth: i32, cols: i32, panelBytes: usize): void {
  packCols<f32>(from, to, depth, cols, panelBytes, 8);
}

/** C += A · B for packed panels; `c` is row-major with `rowBytes` from row to row. */
export function multiply64(a: usize, b: usize, c: usize, aPanels: i32, bPanels: i32, depth: i32, rowBytes: usize): void {
  multiply<f64>(a, b, c, aPanels, bPanels, depth, rowBytes);
}

export function multiply32(a: usize, b: usize, c: usize, aPanels: i32, bPanels: i32, depth: i32, rowBytes: usize): void {
  multiply<f32>(a, b, c, aPanels, bPanels, depth, rowBytes);
}

// @ts-ignore: decorator
@inline
function multiply<T>(a: usize, b: usize, c: usize, aPanels: i32, bPanels: i32, depth: i32, rowBytes: usize): void {
  for (let j = 0; j < bPanels; j++) {
    let ap = a;
    let cp = c + (<usize>j << 5);
    for (let i = 0; i < aPanels; i++) {
      tile<T>(ap, b, cp, depth, rowBytes);
      ap += <usize>depth * HEIGHT * sizeof<T>();
      cp += rowBytes * HEIGHT;
    }
    b += <usize>depth << 5;
  }
}

// The two ways out in the middle are never taken. V8 (up to Node 22) moves the loads of a stretch without branches to its front, and keeps sums
// in memory when 15 vector registers don't hold these too; a condition that it knows already is no branch, so there are two.
function tile<T>(a: usize, b: usize, c: usize, depth: i32, rowBytes: usize): void {
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0), c21 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0), c31 = v128.splat<T>(0);
  let c40 = v128.splat<T>(0), c41 = v128.splat<T>(0);
  for (let p = depth; p > 0; p--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<T>(a);
    c00 = mulAdd<T>(a0, b0, c00);
    c01 = mulAdd<T>(a0, b1, c01);
    const a1 = v128.load_splat<T>(a, 1 * sizeof<T>());
    c10 = mulAdd<T>(a1, b0, c10);
    c11 = mulAdd<T>(a1, b1, c11);
    if (a == 0) break;
    const a2 = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = mulAdd<T>(a2, b0, c20);
    c21 = mulAdd<T>(a2, b1, c21);
    const a3 = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = mulAdd<T>(a3, b0, c30);
    c31 = mulAdd<T>(a3, b1, c31);
    if (b == 0) break;
    const a4 = v128.load_splat<T>(a, 4 * sizeof<T>());
    c40 = mulAdd<T>(a4, b0, c40);
    c41 = mulAdd<T>(a4, b1, c41);
    a += HEIGHT * sizeof<T>();
    b += 32;
  }
  addRow<T>(c, c00, c01);
  addRow<T>(c + rowBytes, c10, c11);
  addRow<T>(c + 2 * rowBytes, c20, c21);
  addRow<T>(c + 3 * rowBytes, c30, c31);
  addRow<T>(c + 4 * rowBytes, c40, c41);
}

// @ts-ignore: decorator
@inline
function mulAdd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(c, v128.mul<T>(a, b));
}

// Adding to C, which begins as +0, also turns a sum of −0 into +0, as numpy has it.
// @ts-ignore: decorator
@inline
function addRow<T>(c: usize, x: v128, y: v128): void {
  const left = v128.load(c);
  const right = v128.load(c, 16);
  v128.store(c, v128.add<T>(left, x));
  v128.store(c, v128.add<T>(right, y), 16);
}

// @ts-ignore: decorator
@inline
function packRows<T>(from: usize, to: usize, rows: i32, depth: i32): void {
  const size = <usize>sizeof<T>();
  const rowBytes = <usize>depth * size;
  for (let i = 0; i < rows; i += HEIGHT) {
    for (let r = 0; r < HEIGHT; r++) {
      let src = from + <usize>(i + r) * rowBytes;
      let dst = to + <usize>r * size;
      if (i + r < rows) {
        for (let p = 0; p < depth; p++) {
          store<T>(dst, load<T>(src));
          src += size;
          dst += HEIGHT * size;
        }
      } else {
        for (let p = 0; p < depth; p++) {
          store<T>(dst, <T>0);
          dst += HEIGHT * size;
        }
      }
    }
    to += HEIGHT * rowBytes;
  }
}

// @ts-ignore: decorator
@inline
function packCols<T>(from: usize, to: usize, depth: i32, cols: i32, panelBytes: usize, width: i32): void {
  const size = <usize>sizeof<T>();
  const whole = cols - (cols % width);
  for (let p = 0; p < depth; p++) {
    let dst = to + (<usize>p << 5);
    for (let j = 0; j < whole; j += width) {
      v128.store(dst, v128.load(from));
      v128.store(dst, v128.load(from, 16), 16);
      from += 32;
      dst += panelBytes;
    }
    if (whole < cols) {
      v128.store(dst, i64x2.splat(0));
      v128.store(dst, i64x2.splat(0), 16);
      for (let j = whole; j < cols; j++) {
        store<T>(dst, load<T>(from));
        from += size;
        dst += size;
      }
    }
  }
}
