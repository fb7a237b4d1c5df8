/**
 * For a file or a folder that another process may remove between the listing and the look, such as
 * another build: it counts as `instead`. Everything else stays an error.
 */
export function ifVanished<Value>(instead: Value): (error: unknown) => Value {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead
    throw error
  }
}

/** {@link ifVanished} for what is asked at once: for thousands of small files, a promise costs more than the file. */
export function unlessVanished<Value>(look: () => Value, instead: Value): Value {
  try {
    return look()
  } catch (error) {
    return ifVanished(instead)(error)
  }
}
