import { expect, test } from "vitest";
import { renderTable } from "../../bench/report/table.ts";

test("columns are as wide as their widest cell and aligned", () => {
  const columns = [
    { title: "", align: "left" },
    { title: "rows/s", align: "right" },
    { title: "MB", align: "right" },
  ] as const;
  const rows = [
    ["hfstream", "1", "123.45"],
    ["raw", "", "1"],
  ];
  expect(renderTable(columns, rows)).toBe(
    ["          rows/s      MB", "hfstream       1  123.45", "raw                    1"].join("\n"),
  );
});

test("a column without any text is left out", () => {
  const columns = [
    { title: "a", align: "left" },
    { title: "waited", align: "right" },
    { title: "b", align: "right" },
  ] as const;
  expect(renderTable(columns, [["1", "", "2"]])).toBe("a  b\n1  2");
});
