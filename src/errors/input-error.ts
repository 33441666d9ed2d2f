// The one error class a user can cause. The command line prints its message alone and exits with code 2;
// everything else that is thrown is a bug and is printed in full.

/**
 * Bad input: a file, flag, shape or value that cannot be used. The message is one lower-case sentence that
 * names the thing, what was expected, what was found, and what to do.
 */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** Throws an {@link InputError} with `message` unless `condition` holds. */
export function requireInput(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new InputError(typeof message === 'string' ? message : message())
}
