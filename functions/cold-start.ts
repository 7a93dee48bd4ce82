/**
 * Begins to make something when the module loads, so that it falls into the time a host grants for starting, and
 * keeps it. What goes wrong is told when it is asked for, and tried anew then.
 */
export function coldStart<T>(make: () => Promise<T>): () => Promise<T> {
  let made = make();
  made.catch(() => undefined); // told below, to whoever asks
  return () => {
    made = made.catch(make);
    return made;
  };
}
