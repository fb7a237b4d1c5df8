import type { AuditedPost, UnsearchablePost } from './evidence.ts'
import type { AuditException } from './finding.ts'
import type { ForeignSecretOptions } from './foreign-secrets.ts'
import type { NamedMedia } from './media.ts'

/** A text that the author wrote for everybody. */
export interface PublicSource {
  readonly path: string
  readonly text: string
  /** Files of the output that print it: only what stands in one of them explains anything. Without it, all does. */
  readonly pages?: readonly string[]
  /** A program copied it from files that may be private: it explains no title, sentence or name of a file. */
  readonly isCopied?: boolean
}

export interface AuditInput {
  /** The output folder. */
  readonly output: string
  /** Where capability URLs lie: `/p/`. */
  readonly prefix: string
  /** Posts by the tokens that open them. Without it, each folder under the prefix is taken for live. */
  readonly liveTokens?: ReadonlyMap<string, string>
  /** Posts by the tokens that opened them once. */
  readonly revokedTokens?: ReadonlyMap<string, string>
  /** Tokens of posts that are public now. Their old addresses lead there, and are no secret. */
  readonly publishedTokens?: ReadonlySet<string>
  /** Recipients by live tokens, `null` where nobody is named: who may read a page may see their other links. */
  readonly readers?: ReadonlyMap<string, string | null>
  /** Those among the tokens that open no folder: they are invitations. */
  readonly invitations?: ReadonlySet<string>
  /** Gated posts by the name that they have behind the gate's prefix. */
  readonly gates?: ReadonlyMap<string, AuditedGate>
  /** Posts by the SHA-256 of files that travel with the deploy, outside the output. */
  readonly deployFiles?: ReadonlyMap<string, string>
  readonly posts: readonly AuditedPost[]
  /** What is really published: it explains what it says. */
  readonly publicSources: readonly PublicSource[]
  /** SHA-256 of files that are published for their own sake. */
  readonly publicFiles?: ReadonlySet<string>
  /** Hosts of the site: a link there leads to a page of its own. */
  readonly hosts?: readonly string[]
  readonly publicNaturalPaths: readonly string[]
  /** Posts by the texts that stand for their addresses during a build. */
  readonly placeholders?: ReadonlyMap<string, string>
  readonly exceptions?: readonly AuditException[]
  /** Files outside of private folders that private sources name. */
  readonly media?: readonly NamedMedia[]
  /** Secret addresses of others are looked for if it is known what is the site's own. */
  readonly foreign?: ForeignSecretOptions
  /** Input paths of public pages, by their files below the output folder. */
  readonly pages?: ReadonlyMap<string, string>
  /** Whether a file of the output may be left from an earlier build. */
  readonly isLeft?: (path: string) => boolean
  /** All files below the output folder, where somebody has listed them already. */
  readonly files?: readonly string[]
  /** Learns which posts cannot be looked for by anything that they say. */
  readonly onUnsearchable?: (posts: readonly UnsearchablePost[]) => void
  /** Learns the true path of each file with a finding, below the output folder. */
  readonly onLeak?: (path: string) => void
}

/** A gated post: that it exists, only its readers may know. */
export interface AuditedGate {
  readonly post: string
  readonly readers: ReadonlySet<string | null>
}
