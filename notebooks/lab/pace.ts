/** Long work in pieces: between two of them the page answers whoever uses it. */

/** Milliseconds of work between two pauses; on a computer with nothing to spare they become three times as many. */
const PIECE = 8;

export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Behind the next frame, so that what was made until now is laid out; soon where no frames come, as in a hidden page. */
export const nextFrame = () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, 50);
    requestAnimationFrame(() => setTimeout(resolve));
  });

/** To be awaited at every step: pauses when it is time to. */
export function pauses(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < PIECE) return;
    await nextTask();
    begun = performance.now();
  };
}
