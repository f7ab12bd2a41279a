import { describe, expect, test } from "vitest";
import { distributedEnv } from "../../src/loader/distributed-env.ts";

const refuses = (env: NodeJS.ProcessEnv, ...texts: string[]): void => {
  for (const text of texts) {
    expect(() => distributedEnv(env)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(text) }),
    );
  }
};

const TORCHRUN = { RANK: "5", WORLD_SIZE: "8", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "4" };
const OPENMPI = {
  OMPI_COMM_WORLD_RANK: "3",
  OMPI_COMM_WORLD_SIZE: "6",
  OMPI_COMM_WORLD_LOCAL_RANK: "0",
  OMPI_COMM_WORLD_LOCAL_SIZE: "3",
};
const BATCH = { SLURM_JOB_ID: "77", SLURM_NTASKS: "16", SLURM_PROCID: "0", SLURM_LOCALID: "0" };
const STEP = { ...BATCH, SLURM_STEP_ID: "0", SLURM_STEP_NUM_TASKS: "4", SLURM_PROCID: "2", SLURM_LOCALID: "1" };
const KUBERNETES = { JOB_COMPLETION_INDEX: "2" };

describe("distributedEnv", () => {
  test("without a launcher there is one process", () => {
    const alone = { rank: 0, worldSize: 1, localRank: undefined, localWorldSize: undefined, launcher: "none" };
    expect(distributedEnv({ PATH: "/bin", RANK: "", WORLD_SIZE: "" })).toEqual(alone);
    expect(distributedEnv()).toEqual(alone);
  });

  test("reads torchrun's variables", () => {
    expect(distributedEnv(TORCHRUN)).toEqual({
      rank: 5,
      worldSize: 8,
      localRank: 1,
      localWorldSize: 4,
      launcher: "torchrun",
    });
    expect(distributedEnv({ RANK: "0", WORLD_SIZE: "1" })).toMatchObject({
      localRank: undefined,
      launcher: "torchrun",
    });
  });

  test("reads Open MPI's variables", () => {
    expect(distributedEnv(OPENMPI)).toEqual({
      rank: 3,
      worldSize: 6,
      localRank: 0,
      localWorldSize: 3,
      launcher: "openmpi",
    });
  });

  test("reads SLURM's variables, with the tasks of the step and not of the job", () => {
    expect(distributedEnv(STEP)).toEqual({
      rank: 2,
      worldSize: 4,
      localRank: 1,
      localWorldSize: undefined,
      launcher: "slurm",
    });
  });

  test("takes a batch script or a shell of salloc for what it is, one process", () => {
    expect(distributedEnv(BATCH)).toMatchObject({ rank: 0, worldSize: 1, launcher: "none" });
    expect(distributedEnv({ SLURM_JOB_ID: "77", SLURM_NTASKS: "16" })).toMatchObject({ worldSize: 1 });
  });

  test("refuses a SLURM task that cannot know the size of its step", () => {
    refuses({ ...BATCH, SLURM_PROCID: "3" }, "SLURM_PROCID is '3'", "SLURM_STEP_NUM_TASKS is not set");
  });

  test("reads the index of a Kubernetes job, and its completions from what the pod spec passes", () => {
    expect(distributedEnv({ ...KUBERNETES, WORLD_SIZE: "3" })).toEqual({
      rank: 2,
      worldSize: 3,
      localRank: undefined,
      localWorldSize: undefined,
      launcher: "kubernetes",
    });
    expect(distributedEnv({ ...KUBERNETES, JOB_COMPLETIONS: "4" })).toMatchObject({ rank: 2, worldSize: 4 });
    refuses(KUBERNETES, "JOB_COMPLETION_INDEX is '2'", "pod spec", "JOB_COMPLETIONS");
  });

  test("the launcher that is closest to the process counts", () => {
    const all = { ...KUBERNETES, ...STEP, ...OPENMPI, ...TORCHRUN };
    expect(distributedEnv(all).launcher).toBe("torchrun");
    expect(distributedEnv({ ...KUBERNETES, ...STEP, ...OPENMPI }).launcher).toBe("openmpi");
    expect(distributedEnv({ ...KUBERNETES, ...STEP }).launcher).toBe("slurm");
    expect(distributedEnv({ ...STEP, WORLD_SIZE: "4" }).launcher).toBe("slurm");
  });

  const refused: readonly (readonly [env: NodeJS.ProcessEnv, texts: readonly string[]])[] = [
    [{ RANK: "abc", WORLD_SIZE: "2" }, ["RANK", "'abc'"]],
    [{ RANK: "-1", WORLD_SIZE: "2" }, ["RANK", "'-1'"]],
    [{ RANK: "1.5", WORLD_SIZE: "2" }, ["RANK", "'1.5'"]],
    [{ RANK: "0", WORLD_SIZE: "0" }, ["WORLD_SIZE", "'0'"]],
    [{ RANK: "0", WORLD_SIZE: "many" }, ["WORLD_SIZE", "'many'"]],
    [{ RANK: "2", WORLD_SIZE: "2" }, ["RANK is '2'", "WORLD_SIZE, '2'"]],
    [{ RANK: "1" }, ["RANK is '1'", "WORLD_SIZE is not set"]],
    [{ WORLD_SIZE: "2" }, ["WORLD_SIZE is '2'", "RANK is not set"]],
    [{ ...TORCHRUN, LOCAL_RANK: "4" }, ["LOCAL_RANK is '4'", "LOCAL_WORLD_SIZE, '4'"]],
    [{ ...TORCHRUN, LOCAL_WORLD_SIZE: "x" }, ["LOCAL_WORLD_SIZE", "'x'"]],
    [{ OMPI_COMM_WORLD_RANK: "1" }, ["OMPI_COMM_WORLD_SIZE is not set"]],
    [{ OMPI_COMM_WORLD_SIZE: "1" }, ["OMPI_COMM_WORLD_RANK is not set"]],
    [{ ...STEP, SLURM_PROCID: "4" }, ["SLURM_PROCID is '4'", "SLURM_STEP_NUM_TASKS, '4'"]],
    [{ ...STEP, SLURM_PROCID: "" }, ["SLURM_PROCID is not set"]],
    [{ ...BATCH, SLURM_PROCID: "?" }, ["SLURM_PROCID", "'?'"]],
    [{ ...KUBERNETES, WORLD_SIZE: "2" }, ["JOB_COMPLETION_INDEX is '2'", "WORLD_SIZE, '2'"]],
  ];

  test.each(refused)("refuses %j, naming the variable and its value", (env, texts) => {
    refuses(env, ...texts);
  });
});
