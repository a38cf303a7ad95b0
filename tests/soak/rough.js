// @ts-check
/** Clients with rough links, and the memory that all of them take. */
import assert from 'node:assert/strict';
import { Churner } from '../e2e/support/churn.js';
import { wasmBytes } from '../e2e/support/node-client.js';

/** Links are rough for seconds to half a minute, and calm for a few seconds to a minute. */
const PACE = /** @type {import('../e2e/support/churn.js').Pace} */ ({
  troubleMs: [1_000, 30_000],
  calmMs: [2_000, 60_000],
});
/** What all clients may take together, in bytes: 500 short messages of each wait at most. */
const MOST_BYTES = 32 << 20;

export class RoughClients {
  /** @type {Churner[]} */
  #churners = [];

  /**
   * @param {object} place
   * @param {import('../e2e/support/mosquitto.js').Mosquitto} place.broker
   * @param {import('../e2e/support/native.js').Native} place.native
   * @param {number} place.clients
   * @param {number} place.seed
   */
  constructor({ broker, native, clients, seed }) {
    this.place = { port: broker.ports.ws, native, seed };
    this.clients = clients;
  }

  async start() {
    for (let number = 0; number < this.clients; number += 1) {
      this.#churners.push(await Churner.start(number, this.place));
    }
    for (const churner of this.#churners) churner.run(PACE);
  }

  /** What went wrong already does not get better. */
  failEarly() {
    assert.deepEqual(
      this.#churners.flatMap((churner) => churner.problems()),
      [],
    );
  }

  /** All is calm; everything must arrive. */
  async finish() {
    await Promise.all(this.#churners.map((churner) => churner.stop()));
    for (const churner of this.#churners) await churner.check();
    assert.ok(wasmBytes() <= MOST_BYTES, `the clients take ${wasmBytes()} bytes`);
  }

  report() {
    const counts = this.#churners.map((churner) => churner.counts());
    const sum = (/** @type {keyof (typeof counts)[0]} */ name) =>
      counts.reduce((all, one) => all + one[name], 0);
    return [
      `${sum('cut')} cuts, ${sum('outage')} outages, ${sum('stall')} stalls, ${sum('slow')} delays`,
      `${sum('connections')} connections, ${sum('warnings')} warnings`,
      `published ${sum('arrived')} of ${sum('published')}, received ${sum('received')} of ${sum('sent')}`,
      `${sum('repeated')} of QoS 1 twice, ${sum('disordered')} out of order, ${(wasmBytes() / 1e6).toFixed(1)} MB`,
    ].join('; ');
  }

  end() {
    for (const churner of this.#churners) churner.end();
  }
}
