import { HfStreamError } from "../errors.ts";
import { processVariables } from "../hub/env.ts";

/** What the launcher says of this process. */
export interface DistributedEnv {
  /** Which of the processes this one is, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly worldSize: number;
  /** Which of its machine's processes it is, where the launcher says so. */
  readonly localRank: number | undefined;
  /** How many processes its machine runs, where the launcher says so. */
  readonly localWorldSize: number | undefined;
  readonly launcher: "torchrun" | "slurm" | "openmpi" | "kubernetes" | "none";
}

type Variables = NodeJS.ProcessEnv;

/** The variables in which a launcher says what it has to say. */
interface VariableNames {
  readonly rank: string;
  readonly worldSize: string;
  readonly localRank?: string;
  readonly localWorldSize?: string;
}

const TORCHRUN: VariableNames = {
  rank: "RANK",
  worldSize: "WORLD_SIZE",
  localRank: "LOCAL_RANK",
  localWorldSize: "LOCAL_WORLD_SIZE",
};

const OPENMPI: VariableNames = {
  rank: "OMPI_COMM_WORLD_RANK",
  worldSize: "OMPI_COMM_WORLD_SIZE",
  localRank: "OMPI_COMM_WORLD_LOCAL_RANK",
  localWorldSize: "OMPI_COMM_WORLD_LOCAL_SIZE",
};

const SLURM: VariableNames = {
  rank: "SLURM_PROCID",
  worldSize: "SLURM_STEP_NUM_TASKS",
  localRank: "SLURM_LOCALID",
};

const KUBERNETES_RANK = "JOB_COMPLETION_INDEX";

/**
 * Reads from the environment which process of how many this one is, as torchrun, Open MPI, SLURM or a Kubernetes indexed
 * job says it; the first of them that is there counts, so that torchrun within SLURM does. Rank 0 of 1 where none is.
 *
 * SLURM counts only for a task of a step, that is for what `srun` started: it alone sets `SLURM_STEP_NUM_TASKS`. A batch
 * script or an `salloc` shell has `SLURM_NTASKS` and rank 0 as well, but is one process.
 *
 * A Kubernetes job sets no variable for its number of completions: the pod spec has to, as `WORLD_SIZE` or
 * `JOB_COMPLETIONS`.
 *
 * Throws `INVALID_OPTION`, naming the variable, for values that make no sense and where one of the two numbers is missing.
 */
export function distributedEnv(env: NodeJS.ProcessEnv = processVariables()): DistributedEnv {
  if (env["RANK"]) return readLauncher("torchrun", TORCHRUN, env);
  if (env[OPENMPI.rank] || env[OPENMPI.worldSize]) return readLauncher("openmpi", OPENMPI, env);
  if (isSlurmTask(env)) return readLauncher("slurm", SLURM, env);
  if (env[KUBERNETES_RANK]) return readKubernetes(env);
  if (env["WORLD_SIZE"]) return readLauncher("torchrun", TORCHRUN, env);
  return { rank: 0, worldSize: 1, localRank: undefined, localWorldSize: undefined, launcher: "none" };
}

function isSlurmTask(env: Variables): boolean {
  if (env[SLURM.worldSize]) return true;
  // A rank above 0 without it is a task whose environment was cut: its rank 0 would take itself for the only process.
  return (readNumber(env, SLURM.rank) ?? 0) > 0;
}

function readKubernetes(env: Variables): DistributedEnv {
  const worldSize = ["WORLD_SIZE", "JOB_COMPLETIONS"].find((name) => env[name]);
  if (worldSize === undefined) {
    throw new HfStreamError(
      "INVALID_OPTION",
      `${KUBERNETES_RANK} is '${env[KUBERNETES_RANK]}', but nothing says how many completions the job has: ` +
        "pass their number in the pod spec, as the env variable WORLD_SIZE or JOB_COMPLETIONS",
    );
  }
  return readLauncher("kubernetes", { rank: KUBERNETES_RANK, worldSize }, env);
}

function readLauncher(launcher: DistributedEnv["launcher"], names: VariableNames, env: Variables): DistributedEnv {
  const rank = readNumber(env, names.rank);
  const worldSize = readNumber(env, names.worldSize);
  if (rank === undefined) throw missing(names.rank, names.worldSize, env);
  if (worldSize === undefined) throw missing(names.worldSize, names.rank, env);
  checkRank(env, names.rank, names.worldSize);
  const { localRank, localWorldSize } = names;
  if (localRank !== undefined && localWorldSize !== undefined) checkRank(env, localRank, localWorldSize);
  return {
    rank,
    worldSize,
    localRank: localRank === undefined ? undefined : readNumber(env, localRank),
    localWorldSize: localWorldSize === undefined ? undefined : readNumber(env, localWorldSize),
    launcher,
  };
}

function checkRank(env: Variables, rankName: string, sizeName: string): void {
  const rank = readNumber(env, rankName);
  const size = readNumber(env, sizeName);
  if (size === 0) throw new HfStreamError("INVALID_OPTION", `${sizeName} is '0': expected at least one process`);
  if (rank === undefined || size === undefined || rank < size) return;
  throw new HfStreamError(
    "INVALID_OPTION",
    `${rankName} is '${env[rankName]}', which must be below ${sizeName}, '${env[sizeName]}'`,
  );
}

/** The number a variable holds; undefined where it is not set or empty. */
function readNumber(env: Variables, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HfStreamError("INVALID_OPTION", `Expected ${name} to be a whole number from 0, got '${text}'`);
}

function missing(name: string, present: string, env: Variables): HfStreamError {
  return new HfStreamError("INVALID_OPTION", `${present} is '${env[present]}', but ${name} is not set: set both`);
}
