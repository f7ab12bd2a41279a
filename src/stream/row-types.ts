/** A row as it comes: its columns as own properties. */
export type DatasetRow = Record<string, unknown>;

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** The names of a row's columns. */
export type ColumnName<Row extends object> = keyof Row & string;

/** A row without some columns; of a union, each member without them. */
export type Without<Row extends object, Name extends PropertyKey> = Row extends unknown ? Omit<Row, Name> : never;

/** A row whose columns have other names: those of `Names`, by their old ones. */
export type Renamed<Row extends object, Names> = {
  [Name in keyof Row as Name extends keyof Names ? Names[Name] & string : Name]: Row[Name];
};

/** Rows joined: an array for each column. */
export type ColumnsOf<Row extends object> = { [Name in keyof Row]: Row[Name][] };

/** What a batched `map` gives: columns of values. */
export type Columns = { readonly [name: string]: ArrayLike<unknown> };

/** A row of {@link Columns}. */
export type RowOf<Out extends Columns> = { -readonly [Name in keyof Out]: Out[Name][number] };
