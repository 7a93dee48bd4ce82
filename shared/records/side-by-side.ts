/** Works through a list, so many at a time, with the answers in the order of the list. The first fault ends it. */
export async function sideBySide<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Map<number, R>();
  const left = items.entries();
  const hand = async (): Promise<void> => {
    for (const [at, item] of left) answers.set(at, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, hand));
  return items.map((_, at) => answers.get(at) as R); // every hand has come to its end, so that each has an answer
}
