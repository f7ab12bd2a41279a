import { HfStreamError } from "../errors.ts";
import { bareAddress, redactAnswer } from "./redact.ts";
import { TransientError, UNREACHED } from "./retry.ts";

export interface NetworkErrorContext {
  readonly url: URL;
  /** What was asked for, in the user's words. */
  readonly subject: string;
  /** Which must not be repeated. */
  readonly token: string | undefined;
  /** Whether the server answered before, or one that did named it. */
  readonly isKnown: boolean;
}

/** What no server was reached with. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;
/** What time does not mend, such as a bad certificate. */
const FINAL = /CERT|^ERR_TLS|^ERR_SSL|^UND_ERR_(INVALID|NOT_SUPPORTED)/;

/** Says that the network failed under a request, and whether that may pass. */
export function networkError(cause: unknown, context: NetworkErrorContext): HfStreamError | TransientError {
  const { url, subject, token, isKnown } = context;
  const known = plainCause(cause, token);
  const isUnreached = UNREACHABLE.test(known.code ?? "") && !isKnown;
  const what = isUnreached
    ? `${url.host} was never reached, asked for ${subject}. Check the network, and HF_ENDPOINT or the option \`endpoint\`.`
    : `The connection to ${url.host} failed for ${subject}.`;
  const final = new HfStreamError("HUB_UNAVAILABLE", `${what} ${known.code ?? known.name}: ${known.message}`, {
    cause: known,
    path: subject,
    url: bareAddress(url),
  });
  if (FINAL.test(known.code ?? "")) return final;
  return new TransientError(final, isUnreached ? { patience: UNREACHED } : {});
}

/** The cause without what it may hold of the conversation: parser errors, for one, keep the bytes that they failed of. */
function plainCause(cause: unknown, token: string | undefined): Error & { readonly code?: string } {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? { code: cause.code } : {};
  return Object.assign(new Error(redactAnswer(message, token)), { name, ...code });
}
