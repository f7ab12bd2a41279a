/** Values of `X-Error-Code` that the clients of a Hub act upon. */
export type RefusalCode = "RepoNotFound" | "RevisionNotFound" | "EntryNotFound" | "GatedRepo";

/** What a {@link Refusal} says besides its status and message. */
export interface RefusalDetails {
  readonly code?: RefusalCode | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Thrown while a request is answered: the answer is an error after the manner of the Hub. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: RefusalCode | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, { code, headers = {} }: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
