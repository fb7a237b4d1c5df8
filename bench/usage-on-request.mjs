/** Loaded into a measured server: whenever its parent asks, it says what it has used so far. */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() })
})
// The channel alone does not keep the server alive.
process.channel?.unref()
