// Chance that can be repeated: SEED=... runs the same again.
export const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Numbers from 0 to below 1, the same for the same seed. */
export function random(from = seed) {
  let state = from;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
