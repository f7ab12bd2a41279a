export type { RepoAccess } from "./access.ts";
export type { Fault, FaultMatch } from "./faults.ts";
export { startHubServer, type HubServer } from "./hub-server.ts";
export type { HubServerOptions } from "./options.ts";
export type { ServedRepo } from "./repos/list-repos.ts";
export type { Quotas } from "./rate-limit.ts";
export type { Origin, RequestRecord } from "./request-log.ts";
export type { RepoType, RouteKind } from "./route.ts";
export type { Traffic } from "./traffic.ts";
