import { type AbortOptions, makeController, raceAbort } from "./abort.ts";

interface Flight<T> {
  readonly work: Promise<T>;
  readonly controller: AbortController;
  callers: number;
}

/**
 * One run per key at a time: those who ask meanwhile share it. A caller that aborts leaves alone; when the last one has
 * left the run is aborted. Results and failures are not kept.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  async run(key: string, work: (signal: AbortSignal) => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.callers += 1;
    try {
      return await raceAbort(flight.work, { signal });
    } finally {
      flight.callers -= 1;
      if (flight.callers === 0) {
        this.#forget(key, flight);
        flight.controller.abort(signal?.reason);
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = makeController();
    const flight: Flight<T> = { work: work(controller.signal), controller, callers: 0 };
    const forget = (): void => this.#forget(key, flight);
    flight.work.then(forget, forget);
    this.#flights.set(key, flight);
    return flight;
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
