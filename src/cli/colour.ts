/** Colours only where somebody sees them and has not said no (https://no-color.org). */
export function useColour(stream: { readonly isTTY?: boolean | undefined }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}
