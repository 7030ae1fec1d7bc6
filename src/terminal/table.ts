/** Columns of text, each as wide as its widest cell. Pure. */
import { displayWidth, oneLine } from "./width.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. Default left. */
  readonly align?: "left" | "right";
}

/** The lines of a table, titles first. The last column has no blanks after it. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ title }) => title), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => displayWidth(row[i]))));
  return all.map((row) =>
    row
      .map((cell, i) => {
        const blanks = " ".repeat(widths[i] - displayWidth(cell));
        return columns[i].align === "right" ? blanks + cell : cell + blanks;
      })
      .join("  ")
      .trimEnd(),
  );
}
