/** Eleventy 3.1 ships no declarations; these are the parts of its module that are used here. */
declare module '@11ty/eleventy' {
  /** Compiles a template file in whatever language it is written. */
  export const RenderPlugin: {
    File(
      path: string,
      options: { readonly templateConfig: unknown; readonly extensionMap: unknown },
    ): Promise<(data: unknown) => Promise<string>>
  }

  export const InputPathToUrlTransformPlugin: unknown

  export class Eleventy {
    constructor(input?: string, output?: string, options?: Record<string, unknown>)
    write(): Promise<unknown>
    toJSON(): Promise<{ url: string; content: string; inputPath: string }[]>
    setIncrementalBuild(isIncremental: boolean): void
    setIncrementalFile(file: string): void
    setDryRun(isDryRun: boolean): void
    executeBuild(to?: string): Promise<unknown>
    init(): Promise<void>
    watch(): Promise<unknown>
    stopWatch(): Promise<void>
    readonly logger: object
    readonly errorHandler: object
  }
  export default Eleventy
}
