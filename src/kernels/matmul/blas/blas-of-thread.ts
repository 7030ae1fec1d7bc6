/** The BLAS library that this thread uses: found, tried out once, and left alone where it is wrong. */
import { type Blas, openBlas } from "./blas.ts";
import { blasLibraries } from "./libraries.ts";
import { wrongWith } from "./self-test.ts";

/** What came of the search. */
export interface BlasChoice {
  readonly blas: Blas | undefined;
  /** A library that was there and is not used, and why not. */
  readonly refused: string | undefined;
}

let choice: Promise<BlasChoice> | undefined;

/** This thread's library. The search takes some hundredths of a second, once. */
export function blasOfThread(): Promise<BlasChoice> {
  choice ??= findBlas(process.env.MPITS_BLAS);
  return choice;
}

/** @param wish as MPITS_BLAS has it */
export async function findBlas(wish: string | undefined): Promise<BlasChoice> {
  let refused: string | undefined;
  for (const library of blasLibraries(wish)) {
    const blas = await openBlas(library).catch((error: unknown) => {
      if (wish) refused = `MPITS_BLAS=${wish} can't be used: ${(error as Error).message}`;
    });
    if (!blas) continue;
    const wrong = wrongWith(blas);
    if (wrong === undefined) return { blas, refused };
    refused ??= `${blas.name} (${library}) is not used: ${wrong}`;
  }
  return { blas: undefined, refused };
}
