// The inner parts of a matrix product after K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication"
// (ACM TOMS 34, 2008): panels of A (4 rows) and of B (4 doubles or 8 floats wide) are packed so that the micro-kernel reads
// both from end to end, and a 4 × 4 (4 × 8) tile of C stays in registers for all of k. Two k-steps per loop turn, with a way out between
// them: V8 moves the loads of a stretch without branches to its front, and spills the accumulators when there are too many of them. The
// caller lays out the memory; nothing is allocated here.

/** Packs `rows` × `depth` dense elements of A into panels of 4 rows, each k-major; rows that are missing become 0. */
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
  for (let j = 0; j < bPanels; j++) {
    let ap = a;
    let cp = c + (<usize>j << 5);
    for (let i = 0; i < aPanels; i++) {
      tile64(ap, b, cp, depth, rowBytes);
      ap += <usize>depth << 5;
      cp += rowBytes << 2;
    }
    b += <usize>depth << 5;
  }
}

export function multiply32(a: usize, b: usize, c: usize, aPanels: i32, bPanels: i32, depth: i32, rowBytes: usize): void {
  for (let j = 0; j < bPanels; j++) {
    let ap = a;
    let cp = c + (<usize>j << 5);
    for (let i = 0; i < aPanels; i++) {
      tile32(ap, b, cp, depth, rowBytes);
      ap += <usize>depth << 4;
      cp += rowBytes << 2;
    }
    b += <usize>depth << 5;
  }
}

function tile64(a: usize, b: usize, c: usize, depth: i32, rowBytes: usize): void {
  let c00 = f64x2.splat(0), c01 = f64x2.splat(0);
  let c10 = f64x2.splat(0), c11 = f64x2.splat(0);
  let c20 = f64x2.splat(0), c21 = f64x2.splat(0);
  let c30 = f64x2.splat(0), c31 = f64x2.splat(0);
  for (let p = depth; p > 0; p -= 2) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const a0 = v128.load64_splat(a, 0);
    c00 = mulAdd64(a0, b0, c00);
    c01 = mulAdd64(a0, b1, c01);
    const a1 = v128.load64_splat(a, 8);
    c10 = mulAdd64(a1, b0, c10);
    c11 = mulAdd64(a1, b1, c11);
    const a2 = v128.load64_splat(a, 16);
    c20 = mulAdd64(a2, b0, c20);
    c21 = mulAdd64(a2, b1, c21);
    const a3 = v128.load64_splat(a, 24);
    c30 = mulAdd64(a3, b0, c30);
    c31 = mulAdd64(a3, b1, c31);
    if (p == 1) break;
    const b0n = v128.load(b, 32);
    const b1n = v128.load(b, 48);
    const a0n = v128.load64_splat(a, 32);
    c00 = mulAdd64(a0n, b0n, c00);
    c01 = mulAdd64(a0n, b1n, c01);
    const a1n = v128.load64_splat(a, 40);
    c10 = mulAdd64(a1n, b0n, c10);
    c11 = mulAdd64(a1n, b1n, c11);
    const a2n = v128.load64_splat(a, 48);
    c20 = mulAdd64(a2n, b0n, c20);
    c21 = mulAdd64(a2n, b1n, c21);
    const a3n = v128.load64_splat(a, 56);
    c30 = mulAdd64(a3n, b0n, c30);
    c31 = mulAdd64(a3n, b1n, c31);
    a += 64;
    b += 64;
  }
  addRow64(c, c00, c01);
  addRow64(c + rowBytes, c10, c11);
  addRow64(c + 2 * rowBytes, c20, c21);
  addRow64(c + 3 * rowBytes, c30, c31);
}

function tile32(a: usize, b: usize, c: usize, depth: i32, rowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let p = depth; p > 0; p -= 2) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a, 0);
    c00 = mulAdd32(a0, b0, c00);
    c01 = mulAdd32(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = mulAdd32(a1, b0, c10);
    c11 = mulAdd32(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = mulAdd32(a2, b0, c20);
    c21 = mulAdd32(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = mulAdd32(a3, b0, c30);
    c31 = mulAdd32(a3, b1, c31);
    if (p == 1) break;
    const b0n = v128.load(b, 32);
    const b1n = v128.load(b, 48);
    const a0n = v128.load32_splat(a, 16);
    c00 = mulAdd32(a0n, b0n, c00);
    c01 = mulAdd32(a0n, b1n, c01);
    const a1n = v128.load32_splat(a, 20);
    c10 = mulAdd32(a1n, b0n, c10);
    c11 = mulAdd32(a1n, b1n, c11);
    const a2n = v128.load32_splat(a, 24);
    c20 = mulAdd32(a2n, b0n, c20);
    c21 = mulAdd32(a2n, b1n, c21);
    const a3n = v128.load32_splat(a, 28);
    c30 = mulAdd32(a3n, b0n, c30);
    c31 = mulAdd32(a3n, b1n, c31);
    a += 32;
    b += 64;
  }
  addRow32(c, c00, c01);
  addRow32(c + rowBytes, c10, c11);
  addRow32(c + 2 * rowBytes, c20, c21);
  addRow32(c + 3 * rowBytes, c30, c31);
}

// @ts-ignore: decorator
@inline
function mulAdd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(c, f64x2.mul(a, b));
}

// @ts-ignore: decorator
@inline
function mulAdd32(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

// Adding to C, which begins as +0, also turns a sum of −0 into +0, as numpy has it.
// @ts-ignore: decorator
@inline
function addRow64(c: usize, x: v128, y: v128): void {
  const left = v128.load(c);
  const right = v128.load(c, 16);
  v128.store(c, f64x2.add(left, x));
  v128.store(c, f64x2.add(right, y), 16);
}

// @ts-ignore: decorator
@inline
function addRow32(c: usize, x: v128, y: v128): void {
  const left = v128.load(c);
  const right = v128.load(c, 16);
  v128.store(c, f32x4.add(left, x));
  v128.store(c, f32x4.add(right, y), 16);
}

// @ts-ignore: decorator
@inline
function packRows<T>(from: usize, to: usize, rows: i32, depth: i32): void {
  const size = <usize>sizeof<T>();
  const rowBytes = <usize>depth * size;
  for (let i = 0; i < rows; i += 4) {
    for (let r = 0; r < 4; r++) {
      let src = from + <usize>(i + r) * rowBytes;
      let dst = to + <usize>r * size;
      if (i + r < rows) {
        for (let p = 0; p < depth; p++) {
          store<T>(dst, load<T>(src));
          src += size;
          dst += 4 * size;
        }
      } else {
        for (let p = 0; p < depth; p++) {
          store<T>(dst, <T>0);
          dst += 4 * size;
        }
      }
    }
    to += 4 * rowBytes;
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
