/** The only randomness of programs: a stream of bytes from a seed (splitmix32), for getrandom. */
export class SeededBytes {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  #word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  bytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.#word());
    return new Uint8Array(words.buffer, 0, length);
  }
}
