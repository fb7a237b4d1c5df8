import type { ScaffoldOptions } from './scaffold.ts'

/**
 * The workflow that builds, checks, deploys and delivers on GitHub Pages.
 *
 * One job, because whatever goes from job to job can be read by others than the recipients. The
 * ledger is pushed before the deploy, so that no token is handed out that nothing remembers.
 */
export function githubPagesWorkflow(options: ScaffoldOptions): string {
  const { branch, build, node, output, ledger } = options
  return `# Written by \`private-posts init github-pages\`.
#
# The repository must be private: it holds the sources of the private posts and the ledger with
# every link that was given out. The site that it publishes is public.
name: Pages

on:
  push:
    branches: [${quote(branch)}]
  workflow_dispatch:
  schedule:
    # Once a day: lets links expire, and tells those who were not told yet.
    - cron: '23 4 * * *'
    # Every three hours: if a delivery is pending, it is tried again; else nothing is built.
    - cron: ${RETRY}

permissions:
  contents: write # the ledger is committed
  pages: write
  id-token: write

# One at a time, and none cut off: each run writes the ledger.
concurrency:
  group: pages
  cancel-in-progress: false

env:
  OUTPUT: ${quote(output)}
  LEDGER: ${quote(ledger)}

jobs:
  retry:
    if: github.event.schedule == ${RETRY}
    runs-on: ubuntu-latest
    permissions:
      contents: read
      actions: write # it starts the workflow
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${quote(branch)}
      - name: Start the workflow if a delivery is pending
        env:
          GH_TOKEN: \${{ github.token }}
        run: |
${indent(START_IF_PENDING)}

  pages:
    if: github.ref == ${quote(`refs/heads/${branch}`, "'")} && github.event.schedule != ${RETRY}
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: \${{ steps.deployment.outputs.page_url }}
    steps:
      - uses: actions/checkout@v4
        with:
          # Not the commit that was pushed: a run before this one may have added to the ledger.
          ref: ${quote(branch)}
      - uses: actions/setup-node@v4
        with:
          node-version: ${quote(node)}
          cache: npm
      - run: npm ci

      - name: Build
        run: ${quote(build)}
        env:
          # A link that is new in this build is remembered: the next steps commit the ledger.
          PRIVATE_POSTS_LEDGER_PERSISTS: 'true'
${SECRET}
      - name: Check that nothing private is in anything public
        run: npx private-posts check "$OUTPUT" --ledger "$LEDGER"

      - name: Keep the ledger
        run: |
${indent(KEEP_LEDGER)}

      - uses: actions/configure-pages@v5
      - uses: actions/upload-pages-artifact@v3
        with:
          path: ${quote(output)}
          retention-days: 1 # it holds every private page
      - uses: actions/deploy-pages@v4
        id: deployment

      - name: Tell the recipients
        env:
${SECRET}        run: |
${indent(SEND)}

      - name: Take to the ledger what a sender that was stopped has left
        if: always()
        run: |
${indent(FOLD_JOURNAL)}

      - name: Keep what became of it
        if: always()
        run: |
${indent(KEEP_LEDGER)}
`
}

/** Empty, where there is none. What is sent is signed with it, and the build publishes the keys to that. */
const SECRET = `          PRIVATE_POSTS_SECRET: \${{ secrets.PRIVATE_POSTS_SECRET }}
`

/** In single quotes, as both YAML and an expression of GitHub's take it. */
const RETRY = "'53 1/3 * * *'"

/** One line of the ledger is one delivery. A run that is started by hand does all that a push does. */
const START_IF_PENDING = `if grep -qs '"outcome": *"pending"' "$LEDGER"; then
  gh workflow run "$GITHUB_WORKFLOW" --ref "$GITHUB_REF_NAME"
fi`

/** A sender that was killed has left a journal, which this runner does not keep: the ledger learns it now. */
const FOLD_JOURNAL = `if [ -f "$LEDGER" ]; then npx private-posts status --ledger "$LEDGER" > /dev/null; fi`

/**
 * A push by a workflow starts no other one. Somebody may have pushed meanwhile: then the commit is
 * put on top of theirs. Both having changed the ledger is for a person to look at.
 */
const KEEP_LEDGER = `if [ ! -f "$LEDGER" ]; then exit 0; fi
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git add -- "$LEDGER"
if ! git diff --cached --quiet -- "$LEDGER"; then
  git commit --quiet --message 'Update the ledger of private posts' -- "$LEDGER"
fi
for attempt in 1 2 3 4 5; do
  if git push --quiet origin "HEAD:$GITHUB_REF_NAME"; then exit 0; fi
  sleep "$attempt"
  if ! git pull --quiet --rebase --autostash origin "$GITHUB_REF_NAME"; then
    git rebase --abort || true
    break
  fi
done
echo '::error title=Private posts::The ledger could not be pushed: it was changed elsewhere at the same time. Run the workflow again.'
exit 1`

/**
 * Exit code 3: some deliveries stay pending. That is no failure, but somebody should see it. What is rotated is
 * remembered: the next step commits the ledger.
 */
const SEND = `status=0
PRIVATE_POSTS_LEDGER_PERSISTS=true npx private-posts send --site "\${{ steps.deployment.outputs.page_url }}" --output "$OUTPUT" --ledger "$LEDGER" || status=$?
if [ "$status" -eq 3 ]; then
  echo '::warning title=Private posts::Some deliveries stay pending. The next run tries them again.'
  exit 0
fi
exit "$status"`

/** Double-quoted YAML takes any JSON string; an expression of GitHub's wants single quotes. */
function quote(text: string, mark: '"' | "'" = '"'): string {
  return mark === '"' ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`
}

function indent(script: string): string {
  return script.replace(/^/gm, '          ')
}
