import { PostError } from '../post/post-error.ts'
import { ConfigurationError } from '../web/errors.ts'
import type { EleventyLogger } from './eleventy-config.ts'
import { errorChain, explainPrivateError, type ErrorContext } from './private-error.ts'

/** The part of Eleventy's error handler that prints an error and those that it wraps. */
interface ErrorHandler {
  readonly logger: object
  error(error: unknown, message?: string): void
  log(error: unknown, ...how: unknown[]): void
}

/** What becomes of an error before it is printed, by the logger of the build that it belongs to. */
const GUARDS = Symbol.for('eleventy-plugin-private-posts: errors')
type GuardedPrototype = ErrorHandler & { [GUARDS]?: WeakMap<object, (error: Error) => void> }

/**
 * Lets Eleventy print of an error in a private post where it is and of which kind, instead of what the
 * template languages quote; and each error of our own as one text, without stack traces, once.
 *
 * The error itself is changed, because Eleventy also shows it in the browser and throws it again.
 *
 * @param context What is known of the site's files; without it, only errors of our own are changed.
 * @returns Whether it can be done: not if the site has loaded another copy of Eleventy than the plugin.
 */
export async function quietErrors(
  logger: EleventyLogger,
  context?: () => ErrorContext | undefined,
): Promise<boolean> {
  const { Eleventy } = await import('@11ty/eleventy')
  const eleventy = new Eleventy()
  if (Object.getPrototypeOf(eleventy.logger) !== Object.getPrototypeOf(logger)) return false
  const prototype = Object.getPrototypeOf(eleventy.errorHandler) as GuardedPrototype
  const guards = prototype[GUARDS] ?? guard(prototype)
  guards.set(logger, (error) => {
    const known = context?.()
    const own = errorChain(error).find((cause) => cause instanceof ConfigurationError)
    const text = own ? messageOf(own, known) : known && explainPrivateError(error, known)
    if (text !== undefined) replaceWords(error, text)
  })
  return true
}

function guard(prototype: GuardedPrototype): WeakMap<object, (error: Error) => void> {
  const guards = new WeakMap<object, (error: Error) => void>()
  const { error: printError, log } = prototype
  prototype[GUARDS] = guards
  prototype.error = function (error, message) {
    // The command line would print a second time what the build has printed.
    if (!isPrinted(error)) printError.call(this, error, message)
  }
  prototype.log = function (error, ...how) {
    if (error instanceof Error) guards.get(this.logger)?.(error)
    log.call(this, error, ...how)
  }
  return guards
}

function messageOf(error: ConfigurationError, context: ErrorContext | undefined): string {
  const source = error instanceof PostError ? context?.readSource(error.path) : undefined
  return error instanceof PostError && source !== undefined
    ? error.messageFor(source)
    : error.message
}

function isPrinted(error: unknown): boolean {
  return (
    error instanceof Error &&
    Reflect.get(error, 'skipOriginalStack') === true &&
    Reflect.get(error, '__errorAlreadyLogged') === true
  )
}

/** Errors of template languages carry the template along: nothing of them is kept. */
function replaceWords(error: Error, text: string): void {
  const isOwn = error instanceof ConfigurationError
  for (const key of Reflect.ownKeys(error)) {
    if (!isOwn || key !== 'name') Reflect.deleteProperty(error, key)
  }
  const hidden = { configurable: true, enumerable: false, writable: true }
  Object.defineProperty(error, 'message', { ...hidden, value: text })
  Object.defineProperty(error, 'stack', { ...hidden, value: `${error.name}: ${text}` })
  Object.defineProperty(error, 'skipOriginalStack', { ...hidden, value: true })
}
