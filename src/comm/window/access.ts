/** What a rank asks of the server of another host: one head, and for some the data after it. Ranks are numbered as in the job. */

/** The context of all that goes between ranks and servers; no communicator can have it. */
export const serviceContext = 0x7fffffff;
/** The head of a request, then its data. Answers have the tag that the head names. */
export const headTag = 0;
export const dataTag = 1;
export const firstAnswerTag = 2;

/** The head of a request. It is answered by a message with tag `answer`, unless that is 0. */
export type Access = { readonly window: number; readonly target: number; readonly answer: number } & (
  | { readonly do: "put" | "get"; readonly offset: number; readonly count: number }
  /** Its answer is what was there. */
  | { readonly do: "accumulate"; readonly op: string; readonly offset: number; readonly count: number }
  /** Its data are what is expected and what is to be put there. */
  | { readonly do: "swap"; readonly offset: number }
  | { readonly do: "lock" | "unlock"; readonly exclusive: boolean }
  /** Answered when all before it has been done. */
  | { readonly do: "flush" }
);
